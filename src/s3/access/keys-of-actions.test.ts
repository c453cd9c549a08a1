import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { callInProcess } from '../../protocol/http.ts'
import { accountId } from '../s3.fixture.ts'
import { contextOf } from './condition-keys.ts'

/*
 * Which condition keys each action has (Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"),
 * written down once more, beside `bucket-policy/actions.ts`: a request that says all there is to say has a value for these keys,
 * and for no others.
 */

const ofEveryAction = [
  's3:authType',
  's3:ResourceAccount',
  's3:signatureAge',
  's3:signatureversion',
  's3:TlsVersion',
  's3:x-amz-content-sha256',
]
const grants = [
  's3:x-amz-grant-read',
  's3:x-amz-grant-write',
  's3:x-amz-grant-read-acp',
  's3:x-amz-grant-write-acp',
  's3:x-amz-grant-full-control',
]
const acl = ['s3:x-amz-acl', ...grants]
const sse = ['s3:x-amz-server-side-encryption', 's3:x-amz-server-side-encryption-aws-kms-key-id']
const customer = 's3:x-amz-server-side-encryption-customer-algorithm'
const retention = ['s3:object-lock-mode', 's3:object-lock-retain-until-date', 's3:object-lock-remaining-retention-days']
const requestTags = ['s3:RequestObjectTag/k', 's3:RequestObjectTagKeys']
const writing = [
  ...acl,
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  ...sse,
  customer,
  's3:x-amz-storage-class',
  's3:x-amz-website-redirect-location',
  ...requestTags,
]
const existing = 's3:ExistingObjectTag/k'
const listing = ['s3:prefix', 's3:delimiter', 's3:max-keys']

const ownKeys: Record<string, string[]> = {
  PutObject: [
    ...writing,
    ...retention,
    's3:object-lock-legal-hold',
    's3:if-match',
    's3:if-none-match',
    's3:ObjectCreationOperation',
  ],
  BypassGovernanceRetention: writing,
  PutObjectAcl: [existing, ...acl, 's3:x-amz-storage-class'],
  PutObjectVersionAcl: [existing, ...acl, 's3:x-amz-storage-class', 's3:versionid'],
  GetObject: [existing, 's3:x-amz-grant-write', 's3:x-amz-grant-write-acp'],
  GetObjectAcl: [existing],
  GetObjectAttributes: [existing],
  GetObjectTagging: [existing],
  DeleteObjectTagging: [existing],
  GetObjectVersion: [existing, 's3:versionid'],
  GetObjectVersionAcl: [existing, 's3:versionid'],
  GetObjectVersionAttributes: [existing, 's3:versionid'],
  GetObjectVersionTagging: [existing, 's3:versionid'],
  DeleteObjectVersionTagging: [existing, 's3:versionid'],
  PutObjectTagging: [existing, ...requestTags],
  PutObjectVersionTagging: [existing, ...requestTags, 's3:versionid'],
  DeleteObject: ['s3:if-match'],
  DeleteObjectVersion: ['s3:versionid'],
  PutObjectRetention: retention,
  PutObjectLegalHold: ['s3:object-lock-legal-hold'],
  ListBucket: listing,
  ListBucketVersions: listing,
  CreateBucket: ['s3:LocationConstraint', ...acl, 's3:x-amz-object-ownership', 'aws:RequestTag/k', 'aws:TagKeys'],
  TagResource: ['aws:RequestTag/k', 'aws:TagKeys'],
  PutBucketAcl: acl,
  PutBucketOwnershipControls: ['s3:x-amz-object-ownership'],
  ReplicateObject: [...sse, customer],
  UpdateObjectEncryption: sse,
  PutInventoryConfiguration: ['s3:InventoryAccessibleOptionalFields'],
  // Neither of these has a key of its own, and neither of hundreds like them.
  ListBucketMultipartUploads: [],
  ListMultipartUploadParts: [],
  AbortMultipartUpload: [],
  RestoreObject: [],
  GetObjectLegalHold: [],
  GetObjectRetention: [],
  GetBucketPolicy: [],
  ListAllMyBuckets: [],
}
const asked = [...new Set([...ofEveryAction, ...Object.values(ownKeys).flat()])]

const headers = Object.fromEntries([
  ...asked.filter((key) => key.startsWith('s3:x-amz-')).map((key) => [key.slice('s3:'.length), 'said']),
  ['x-amz-tagging', 'k=v'],
  ['if-match', 'said'],
  ['if-none-match', 'said'],
  ['x-amz-object-lock-mode', 'GOVERNANCE'],
  ['x-amz-object-lock-retain-until-date', '2030-01-01T00:00:00Z'],
  ['x-amz-object-lock-legal-hold', 'ON'],
  ['x-amz-date', '20261129T120000Z'],
])

function keysWithValues(action: string): string[] {
  const authentication = {
    caller: userCaller(accountId, 'app'),
    signature: 'SigV4' as const,
    method: 'AuthHeader' as const,
    region: 'us-east-1',
    payload: { coding: 'unsigned' as const },
  }
  const context = contextOf({
    request: {
      // An operation whose policies see tags that are there, and whether it makes an object.
      operation: 'CompleteMultipartUpload',
      headers,
      query: new Map(['prefix', 'delimiter', 'max-keys', 'versionId'].map((name) => [name, '1'])),
      call: { ...callInProcess({ headers }), tlsVersion: 'TLSv1.3' },
      authentication,
      requestId: '',
      document: {
        tags: [{ Key: 'k', Value: 'v' }],
        values: { 's3:locationconstraint': 'eu-west-1', 's3:inventoryaccessibleoptionalfields': 'Size' },
      },
    },
    need: { action: `s3:${action}`, resource: 'arn:aws:s3:::b/k' },
    now: Date.parse('2026-11-29T12:00:00Z'),
    bucket: {
      name: 'b',
      region: 'us-east-1',
      ownerAccountId: accountId,
      creationDate: 0,
      objectOwnership: 'BucketOwnerEnforced',
    },
    findUpload: () => undefined,
    findBucketTags: () => undefined,
    findObject: () => Object.assign(Object.create(null), { attributes: { tags: [{ Key: 'k', Value: 'v' }] } }),
  })
  return asked.filter((key) => context.get(key) !== undefined)
}

test.each(Object.entries(ownKeys))('s3:%s has its own keys and those of every action', (action, own) => {
  const expected = new Set([...ofEveryAction, ...own])
  expect(keysWithValues(action)).toEqual(asked.filter((key) => expected.has(key)))
})
