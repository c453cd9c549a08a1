import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { callInProcess } from '../../protocol/http.ts'
import { accountId } from '../s3.fixture.ts'
import { contextOf, type RequestFacts } from './condition-keys.ts'

const now = Date.parse('2026-11-29T12:00:00Z')
const bucket = {
  name: 'b',
  region: 'eu-west-1',
  ownerAccountId: '111122223333',
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced' as const,
}

interface Given {
  action?: string
  operation?: string
  headers?: Record<string, string>
  query?: Record<string, string>
  tlsVersion?: string
  signature?: Authentication['signature']
  method?: Authentication['method']
  asked?: { algorithm: string; keyId?: string }
  versionId?: string
  tags?: { Key: string; Value: string }[]
}

const ofAna = [{ Key: 'Owner', Value: 'ana' }]

function readKey(key: string, given: Given = {}): readonly string[] | undefined {
  const { action = 's3:PutObject', operation = 'PutObject', headers = {}, query = {}, asked, versionId, tags } = given
  const { signature = 'SigV4', method = 'AuthHeader', tlsVersion } = given
  const caller = userCaller(accountId, 'app')
  const authentication = { caller, signature, method, region: 'us-east-1', payload: { coding: 'unsigned' as const } }
  const call = { ...callInProcess({ headers }), tlsVersion }
  const facts: RequestFacts = {
    request: { operation, headers, query: new Map(Object.entries(query)), call, authentication, requestId: '' },
    need: { action, resource: 'arn:aws:s3:::b/k', versionId },
    now,
    bucket,
    findBucketTags: () => tags,
    findUpload: () => asked && Object.assign(Object.create(null), { asked }),
    findObject: () => tags && Object.assign(Object.create(null), { attributes: { tags } }),
  }
  return contextOf(facts).get(key)
}

test.each<[string, Given, string[] | undefined]>([
  ['s3:x-amz-acl', { headers: { 'x-amz-acl': 'private' } }, ['private']],
  ['S3:X-Amz-Acl', { headers: { 'x-amz-acl': 'private' } }, ['private']],
  ['s3:x-amz-acl', { headers: { 'x-amz-acl': 'private' }, action: 's3:GetObject' }, undefined],
  ['s3:x-amz-copy-source', { headers: { 'x-amz-copy-source': 'b/%70rivate' } }, ['b/%70rivate']],
  ['s3:prefix', { action: 's3:ListBucket', query: { prefix: '' } }, ['']],
  ['s3:prefix', { action: 's3:ListBucket' }, undefined],
  ['s3:prefix', { action: 's3:ListBucketMultipartUploads', query: { prefix: 'a' } }, undefined],
  ['s3:versionid', { action: 's3:GetObjectVersion', query: { versionId: 'v' } }, ['v']],
  ['s3:versionid', { action: 's3:DeleteObjectVersion', versionId: 'of the document' }, ['of the document']],
  ['s3:versionid', { action: 's3:GetObject', query: { versionId: 'v' } }, undefined],
  ['s3:x-amz-server-side-encryption', { asked: { algorithm: 'aws:kms' } }, ['aws:kms']],
  ['s3:x-amz-server-side-encryption', {}, undefined],
  ['s3:RequestObjectTag/Owner', { headers: { 'x-amz-tagging': 'Owner=a%20b&x=y' } }, ['a b']],
  ['s3:RequestObjectTag/none', { headers: { 'x-amz-tagging': 'Owner=a' } }, undefined],
  ['s3:RequestObjectTagKeys', { headers: { 'x-amz-tagging': 'Owner=a&x=y' } }, ['Owner', 'x']],
  ['s3:RequestObjectTagKeys', {}, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'GetObject', tags: ofAna }, ['ana']],
  ['s3:ExistingObjectTag/other', { action: 's3:GetObject', operation: 'GetObject', tags: ofAna }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'GetObject' }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'CopyObject', tags: ofAna }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'UploadPartCopy', tags: ofAna }, ['ana']],
  ['s3:ExistingObjectTag/owner', { action: 's3:PutObjectTagging', operation: 'PutObject', tags: ofAna }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:DeleteObject', operation: 'DeleteObject', tags: ofAna }, undefined],
  ['s3:object-lock-mode', { headers: { 'x-amz-object-lock-mode': 'GOVERNANCE' } }, ['GOVERNANCE']],
  [
    's3:object-lock-remaining-retention-days',
    { headers: { 'x-amz-object-lock-retain-until-date': '2026-12-09T12:00:00Z' } },
    ['10'],
  ],
  ['s3:object-lock-remaining-retention-days', {}, undefined],
  ['s3:ObjectCreationOperation', {}, ['true']],
  ['s3:ObjectCreationOperation', { operation: 'UploadPart' }, ['false']],
  ['s3:if-none-match', { headers: { 'if-none-match': '*' } }, ['*']],
  ['s3:authType', {}, ['REST-HEADER']],
  ['s3:authType', { method: 'QueryString' }, ['REST-QUERY-STRING']],
  ['s3:authType', { method: 'none', signature: 'none' }, undefined],
  ['s3:signatureversion', {}, ['AWS4-HMAC-SHA256']],
  ['s3:signatureversion', { signature: 'SigV2' }, ['AWS']],
  ['s3:signatureAge', { headers: { 'x-amz-date': '20261129T115900Z' } }, ['60000']],
  ['s3:signatureAge', { query: { 'X-Amz-Date': '20261129T115959Z' } }, ['1000']],
  ['s3:signatureAge', { signature: 'SigV2' }, ['0']],
  ['s3:signatureAge', { signature: 'none' }, undefined],
  ['s3:x-amz-content-sha256', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }, ['UNSIGNED-PAYLOAD']],
  ['s3:TlsVersion', { tlsVersion: 'TLSv1.3' }, ['1.3']],
  ['s3:TlsVersion', {}, undefined],
  ['s3:ResourceAccount', {}, ['111122223333']],
  ['aws:ResourceAccount', {}, ['111122223333']],
  ['aws:ResourceTag/Team', { tags: [{ Key: 'Team', Value: 'a' }] }, ['a']],
  [
    'aws:ResourceTag/team',
    {
      tags: [
        { Key: 'Team', Value: 'a' },
        { Key: 'team', Value: 'b' },
      ],
    },
    ['a', 'b'],
  ],
  ['s3:BucketTag/Team', { tags: [{ Key: 'Team', Value: 'a' }] }, ['a']],
  ['s3:BucketTag/Team', { tags: [{ Key: 'Other', Value: 'a' }] }, undefined],
  ['aws:ResourceTag/Team', {}, undefined],
  ['aws:Referer', { headers: { referer: 'https://example.com/' } }, ['https://example.com/']],
  ['aws:username', {}, ['app']],
  ['aws:RequestedRegion', {}, ['us-east-1']],
  ['s3:nothing', {}, undefined],
])('%s of %j', (key, given, expected) => {
  expect(readKey(key, given)).toEqual(expected)
})

test('A key that is named by its id is compared by its ARN, an alias stays one', () => {
  const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
  const name = 's3:x-amz-server-side-encryption-aws-kms-key-id'
  const named = (value: string) => readKey(name, { headers: { 'x-amz-server-side-encryption-aws-kms-key-id': value } })
  expect(named(id)).toEqual([`arn:aws:kms:eu-west-1:${accountId}:key/${id}`])
  expect(named('alias/a')).toEqual([`arn:aws:kms:eu-west-1:${accountId}:alias/a`])
  expect(named('arn:aws:kms:x')).toEqual(['arn:aws:kms:x'])
  expect(readKey(name, { asked: { algorithm: 'aws:kms', keyId: 'arn:of-create' } })).toEqual(['arn:of-create'])
})
