import { expect, test } from '@jest/globals'
import { needsOfDeletion } from './needs.ts'
import type { AddressedRequest } from './operation.ts'
import { operations } from './operations/index.ts'

/*
 * Operation → IAM actions, written down from the Service Authorization Reference apart from the declarations. `B` is the bucket,
 * `O` the object, `S` the source of a copy.
 */

const always: Record<string, string> = {
  AbortMultipartUpload: 'O s3:AbortMultipartUpload',
  CompleteMultipartUpload: 'O s3:PutObject',
  CopyObject: 'O s3:PutObject, S s3:GetObject',
  CreateBucket: 'B s3:CreateBucket',
  CreateBucketMetadataTableConfiguration: 'B s3:CreateBucketMetadataTableConfiguration',
  CreateMultipartUpload: 'O s3:PutObject',
  CreateSession: 'B s3:ListBucket',
  DeleteBucket: 'B s3:DeleteBucket',
  DeleteBucketAnalyticsConfiguration: 'B s3:PutAnalyticsConfiguration',
  DeleteBucketCors: 'B s3:PutBucketCORS',
  DeleteBucketEncryption: 'B s3:PutEncryptionConfiguration',
  DeleteBucketIntelligentTieringConfiguration: 'B s3:PutIntelligentTieringConfiguration',
  DeleteBucketInventoryConfiguration: 'B s3:PutInventoryConfiguration',
  DeleteBucketLifecycle: 'B s3:PutLifecycleConfiguration',
  DeleteBucketMetadataConfiguration: 'B s3:DeleteBucketMetadataTableConfiguration',
  DeleteBucketMetadataTableConfiguration: 'B s3:DeleteBucketMetadataTableConfiguration',
  DeleteBucketMetricsConfiguration: 'B s3:PutMetricsConfiguration',
  DeleteBucketOwnershipControls: 'B s3:PutBucketOwnershipControls',
  DeleteBucketPolicy: 'B s3:DeleteBucketPolicy',
  DeleteBucketReplication: 'B s3:PutReplicationConfiguration',
  DeleteBucketTagging: 'B s3:PutBucketTagging',
  DeleteBucketWebsite: 'B s3:DeleteBucketWebsite',
  DeleteObject: 'O s3:DeleteObject',
  DeleteObjectTagging: 'O s3:DeleteObjectTagging',
  DeleteObjects: '',
  DeletePublicAccessBlock: 'B s3:PutBucketPublicAccessBlock',
  GetBucketAbac: 'B s3:GetBucketAbac',
  GetBucketAccelerateConfiguration: 'B s3:GetAccelerateConfiguration',
  GetBucketAcl: 'B s3:GetBucketAcl',
  GetBucketAnalyticsConfiguration: 'B s3:GetAnalyticsConfiguration',
  GetBucketCors: 'B s3:GetBucketCORS',
  GetBucketEncryption: 'B s3:GetEncryptionConfiguration',
  GetBucketIntelligentTieringConfiguration: 'B s3:GetIntelligentTieringConfiguration',
  GetBucketInventoryConfiguration: 'B s3:GetInventoryConfiguration',
  GetBucketLifecycleConfiguration: 'B s3:GetLifecycleConfiguration',
  GetBucketLocation: 'B s3:GetBucketLocation',
  GetBucketLogging: 'B s3:GetBucketLogging',
  GetBucketMetadataConfiguration: 'B s3:GetBucketMetadataTableConfiguration',
  GetBucketMetadataTableConfiguration: 'B s3:GetBucketMetadataTableConfiguration',
  GetBucketMetricsConfiguration: 'B s3:GetMetricsConfiguration',
  GetBucketNotificationConfiguration: 'B s3:GetBucketNotification',
  GetBucketOwnershipControls: 'B s3:GetBucketOwnershipControls',
  GetBucketPolicy: 'B s3:GetBucketPolicy',
  GetBucketPolicyStatus: 'B s3:GetBucketPolicyStatus',
  GetBucketReplication: 'B s3:GetReplicationConfiguration',
  GetBucketRequestPayment: 'B s3:GetBucketRequestPayment',
  GetBucketTagging: 'B s3:GetBucketTagging',
  GetBucketVersioning: 'B s3:GetBucketVersioning',
  GetBucketWebsite: 'B s3:GetBucketWebsite',
  GetObject: 'O s3:GetObject',
  GetObjectAcl: 'O s3:GetObjectAcl',
  GetObjectAttributes: 'O s3:GetObject, O s3:GetObjectAttributes',
  GetObjectLegalHold: 'O s3:GetObjectLegalHold',
  GetObjectLockConfiguration: 'B s3:GetBucketObjectLockConfiguration',
  GetObjectRetention: 'O s3:GetObjectRetention',
  GetObjectTagging: 'O s3:GetObjectTagging',
  GetObjectTorrent: 'O s3:GetObject',
  GetPublicAccessBlock: 'B s3:GetBucketPublicAccessBlock',
  HeadBucket: 'B s3:ListBucket, B s3:GetBucketLocation',
  HeadObject: 'O s3:GetObject',
  ListBucketAnalyticsConfigurations: 'B s3:GetAnalyticsConfiguration',
  ListBucketIntelligentTieringConfigurations: 'B s3:GetIntelligentTieringConfiguration',
  ListBucketInventoryConfigurations: 'B s3:GetInventoryConfiguration',
  ListBucketMetricsConfigurations: 'B s3:GetMetricsConfiguration',
  ListBuckets: '* s3:ListAllMyBuckets',
  ListMultipartUploads: 'B s3:ListBucketMultipartUploads',
  ListObjectVersions: 'B s3:ListBucketVersions',
  ListObjects: 'B s3:ListBucket',
  ListObjectsV2: 'B s3:ListBucket',
  ListParts: 'O s3:ListMultipartUploadParts',
  PostObject: 'O s3:PutObject',
  PutBucketAbac: 'B s3:PutBucketAbac',
  PutBucketAccelerateConfiguration: 'B s3:PutAccelerateConfiguration',
  PutBucketAcl: 'B s3:PutBucketAcl',
  PutBucketAnalyticsConfiguration: 'B s3:PutAnalyticsConfiguration',
  PutBucketCors: 'B s3:PutBucketCORS',
  PutBucketEncryption: 'B s3:PutEncryptionConfiguration',
  PutBucketIntelligentTieringConfiguration: 'B s3:PutIntelligentTieringConfiguration',
  PutBucketInventoryConfiguration: 'B s3:PutInventoryConfiguration',
  PutBucketLifecycleConfiguration: 'B s3:PutLifecycleConfiguration',
  PutBucketLogging: 'B s3:PutBucketLogging',
  PutBucketMetricsConfiguration: 'B s3:PutMetricsConfiguration',
  PutBucketNotificationConfiguration: 'B s3:PutBucketNotification',
  PutBucketOwnershipControls: 'B s3:PutBucketOwnershipControls',
  PutBucketPolicy: 'B s3:PutBucketPolicy',
  PutBucketReplication: 'B s3:PutReplicationConfiguration',
  PutBucketRequestPayment: 'B s3:PutBucketRequestPayment',
  PutBucketTagging: 'B s3:PutBucketTagging',
  PutBucketVersioning: 'B s3:PutBucketVersioning',
  PutBucketWebsite: 'B s3:PutBucketWebsite',
  PutObject: 'O s3:PutObject',
  PutObjectAcl: 'O s3:PutObjectAcl',
  PutObjectLegalHold: 'O s3:PutObjectLegalHold',
  PutObjectLockConfiguration: 'B s3:PutBucketObjectLockConfiguration',
  PutObjectRetention: 'O s3:PutObjectRetention',
  PutObjectTagging: 'O s3:PutObjectTagging',
  PutPublicAccessBlock: 'B s3:PutBucketPublicAccessBlock',
  SelectObjectContent: 'O s3:GetObject',
  UpdateBucketMetadataInventoryTableConfiguration: 'B s3:UpdateBucketMetadataInventoryTableConfiguration',
  UpdateBucketMetadataJournalTableConfiguration: 'B s3:UpdateBucketMetadataJournalTableConfiguration',
  RestoreObject: 'O s3:RestoreObject',
  UpdateObjectEncryption: 'O s3:UpdateObjectEncryption, O s3:PutObject',
  UploadPart: 'O s3:PutObject',
  UploadPartCopy: 'O s3:PutObject, S s3:GetObject',
}

const places: Record<string, string> = {
  'arn:aws:s3:::bucket': 'B',
  'arn:aws:s3:::bucket/a/key': 'O',
  'arn:aws:s3:::source/its/key': 'S',
  '*': '*',
}

function needsOf(name: string, { query = {}, headers = {} }: Record<string, Record<string, string>> = {}): string {
  const operation = operations.find((candidate) => candidate.name === name)
  if (!operation) throw new Error(`There is no ${name}`)
  const request: Partial<AddressedRequest> = {
    bucketName: 'bucket',
    key: 'a/key',
    query: new Map(Object.entries(query)),
    headers: { 'x-amz-copy-source': '/source/its/key', ...headers },
  }
  const needs = operation.needs(request as AddressedRequest)
  return needs.map(({ action, resource }) => `${places[resource] ?? resource} ${action}`).join(', ')
}

test('Every operation declares what it needs, as the reference has it', () => {
  const declared = Object.fromEntries(operations.map(({ name }) => [name, needsOf(name)]))
  const known = Object.fromEntries(Object.entries(always).filter(([name]) => name in declared))
  expect(declared).toEqual(known)
})

const version = { query: { versionId: 'null' } }
const write = ['PutObject', 'PostObject', 'CreateMultipartUpload', 'CopyObject']

test.each([
  ['GetObject', version, 'O s3:GetObjectVersion'],
  ['HeadObject', version, 'O s3:GetObjectVersion'],
  ['GetObjectAcl', version, 'O s3:GetObjectVersionAcl'],
  ['PutObjectAcl', version, 'O s3:PutObjectVersionAcl'],
  ['GetObjectAttributes', version, 'O s3:GetObjectVersion, O s3:GetObjectVersionAttributes'],
  ['DeleteObject', version, 'O s3:DeleteObjectVersion'],
  [
    'DeleteObject',
    { headers: { 'x-amz-bypass-governance-retention': 'true' } },
    'O s3:DeleteObject, O s3:BypassGovernanceRetention',
  ],
  ['DeleteObject', { headers: { 'x-amz-bypass-governance-retention': 'false' } }, 'O s3:DeleteObject'],
  ['DeleteObject', { headers: { 'if-match': '"etag"' } }, 'O s3:DeleteObject, O s3:GetObject'],
  ['DeleteObject', { headers: { 'if-match': '*' } }, 'O s3:DeleteObject'],
  [
    'CopyObject',
    { headers: { 'x-amz-copy-source': 'source/its/key?versionId=null' } },
    'O s3:PutObject, S s3:GetObjectVersion',
  ],
  ['CopyObject', { headers: { 'x-amz-tagging-directive': 'COPY' } }, 'O s3:PutObject, S s3:GetObject'],
  [
    'CopyObject',
    { headers: { 'x-amz-tagging-directive': 'REPLACE' } },
    'O s3:PutObject, O s3:PutObjectTagging, S s3:GetObject',
  ],
  ['CreateBucket', { headers: { 'x-amz-acl': 'private' } }, 'B s3:CreateBucket'],
  ['CreateBucket', { headers: { 'x-amz-acl': 'public-read' } }, 'B s3:CreateBucket, B s3:PutBucketAcl'],
  ['CreateBucket', { headers: { 'x-amz-grant-read': 'id=1' } }, 'B s3:CreateBucket, B s3:PutBucketAcl'],
  [
    'CreateBucket',
    { headers: { 'x-amz-object-ownership': 'ObjectWriter' } },
    'B s3:CreateBucket, B s3:PutBucketOwnershipControls',
  ],
  [
    'CreateBucket',
    { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } },
    'B s3:CreateBucket, B s3:PutBucketObjectLockConfiguration, B s3:PutBucketVersioning',
  ],
])('%s with %j needs %s', (name, request, needs) => {
  expect(needsOf(name, request)).toBe(needs)
})

test.each([
  ['x-amz-acl', 'public-read', 'O s3:PutObjectAcl'],
  ['x-amz-grant-full-control', 'id=1', 'O s3:PutObjectAcl'],
  ['x-amz-tagging', 'a=b', 'O s3:PutObjectTagging'],
  ['x-amz-object-lock-mode', 'GOVERNANCE', 'O s3:PutObjectRetention'],
  ['x-amz-object-lock-retain-until-date', '2030-01-01T00:00:00Z', 'O s3:PutObjectRetention'],
  ['x-amz-object-lock-legal-hold', 'ON', 'O s3:PutObjectLegalHold'],
  ['if-match', '"etag"', 'O s3:GetObject'],
])('A write with %s: %s needs %s too', (header, value, need) => {
  for (const name of write) expect(needsOf(name, { headers: { [header]: value } })).toContain(`O s3:PutObject, ${need}`)
})

test('An empty list of tags asks for none', () => {
  for (const name of write) expect(needsOf(name, { headers: { 'x-amz-tagging': '' } })).not.toContain('Tagging')
})

test('Each key of DeleteObjects needs what its own deletion would', () => {
  const request = { bucketName: 'bucket', headers: {} }
  expect(needsOfDeletion(request, { key: 'k' })).toEqual([
    { action: 's3:DeleteObject', resource: 'arn:aws:s3:::bucket/k' },
  ])
  const [first] = needsOfDeletion(request, { key: 'k', versionId: 'null' })
  expect(first?.action).toBe('s3:DeleteObjectVersion')
})
