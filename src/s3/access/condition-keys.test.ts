import { expect, test } from '@jest/globals'
import { anonymousCaller, type Caller, rootCaller, userCaller } from '../../aws/caller.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { callInProcess } from '../../protocol/http.ts'
import type { Tag } from '../records/object-attributes.ts'
import { accountId } from '../s3.fixture.ts'
import { contextOf } from './condition-keys.ts'
import type { RequestFacts } from './request-facts.ts'

const now = Date.parse('2026-11-29T12:00:00Z')
const bucket = {
  name: 'b',
  region: 'eu-west-1',
  ownerAccountId: '111122223333',
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced' as const,
}

const session = sessionCaller(`arn:aws:iam::${accountId}:role/path/worker`, 'job', 'ASIA', 1000)
const withMfa = { ...userCaller(accountId, 'app'), issuedAt: now, mfaAt: now - 90_000 }
const tag = { Key: 'Owner', Value: 'ana' }
const inIreland = { values: { 's3:locationconstraint': 'eu-west-1' } }

interface Given {
  action?: string
  caller?: Caller
  document?: RequestFacts['request']['document']
  ifMatch?: string
  /** Of the object that is there. */
  existing?: readonly Tag[]
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
  const { action = 's3:PutObject', operation = 'PutObject', headers = {}, query = {}, asked, versionId } = given
  const { signature = 'SigV4', method = 'AuthHeader', tlsVersion, document, ifMatch, tags, existing } = given
  const { caller = userCaller(accountId, 'app') } = given
  const authentication = { caller, signature, method, region: 'us-east-1', payload: { coding: 'unsigned' as const } }
  const call = { ...callInProcess({ headers }), tlsVersion }
  const facts: RequestFacts = {
    request: {
      operation,
      headers,
      query: new Map(Object.entries(query)),
      call,
      authentication,
      requestId: '',
      document,
    },
    need: { action, resource: 'arn:aws:s3:::b/k', versionId, ifMatch },
    now,
    bucket,
    findBucketTags: () => tags,
    findObject: () => existing && Object.assign(Object.create(null), { attributes: { tags: existing } }),
    findUpload: () => asked && Object.assign(Object.create(null), { asked }),
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
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'GetObject', existing: ofAna }, ['ana']],
  ['s3:ExistingObjectTag/other', { action: 's3:GetObject', operation: 'GetObject', existing: ofAna }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'GetObject' }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'CopyObject', existing: ofAna }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:GetObject', operation: 'UploadPartCopy', existing: ofAna }, ['ana']],
  ['s3:ExistingObjectTag/owner', { action: 's3:PutObjectTagging', operation: 'PutObject', existing: ofAna }, undefined],
  ['s3:ExistingObjectTag/owner', { action: 's3:DeleteObject', operation: 'DeleteObject', existing: ofAna }, undefined],
  ['s3:RequestObjectTagKeys', { action: 's3:PutObjectTagging', document: { tags: [tag] } }, ['Owner']],
  ['s3:RequestObjectTag/owner', { action: 's3:PutObjectTagging', document: { tags: [tag] } }, ['ana']],
  ['s3:RequestObjectTag/owner', { action: 's3:PutObjectAcl', document: { tags: [tag] } }, undefined],
  ['s3:ExistingObjectTag/Owner', { action: 's3:GetObject', operation: 'GetObject', existing: [tag] }, ['ana']],
  ['s3:ExistingObjectTag/Owner', { action: 's3:GetObject', operation: 'UploadPartCopy', existing: [tag] }, ['ana']],
  ['s3:ExistingObjectTag/Owner', { action: 's3:GetObjectVersion', operation: 'GetObject', existing: [tag] }, ['ana']],
  [
    's3:ExistingObjectTag/Owner',
    { action: 's3:PutObjectTagging', operation: 'PutObjectTagging', existing: [tag] },
    ['ana'],
  ],
  ['s3:ExistingObjectTag/team', { action: 's3:GetObject', operation: 'GetObject', existing: [tag] }, undefined],
  ['s3:ExistingObjectTag/Owner', { action: 's3:GetObject', operation: 'GetObject' }, undefined],
  ['s3:ExistingObjectTag/Owner', { action: 's3:GetObject', operation: 'CopyObject', existing: [tag] }, undefined],
  [
    's3:ExistingObjectTag/Owner',
    { action: 's3:GetObject', operation: 'GetObjectAttributes', existing: [tag] },
    undefined,
  ],
  ['s3:ExistingObjectTag/Owner', { existing: [tag] }, undefined],
  ['aws:RequestTag/owner', { action: 's3:CreateBucket', document: { tags: [tag] } }, ['ana']],
  ['aws:TagKeys', { action: 's3:CreateBucket', document: { tags: [tag] } }, ['Owner']],
  ['aws:TagKeys', { action: 's3:CreateBucket' }, undefined],
  ['aws:RequestTag/owner', { headers: { 'x-amz-tagging': 'owner=a' } }, undefined],
  ['aws:TagKeys', { headers: { 'x-amz-tagging': 'owner=a' } }, undefined],
  ['s3:LocationConstraint', { action: 's3:CreateBucket', document: inIreland }, ['eu-west-1']],
  ['s3:LocationConstraint', { action: 's3:CreateBucket', document: {} }, undefined],
  ['s3:LocationConstraint', { document: inIreland }, undefined],
  ['s3:if-match', { action: 's3:DeleteObject', headers: { 'if-match': '"a"' } }, ['"a"']],
  ['s3:if-match', { action: 's3:DeleteObject', ifMatch: 'of the document' }, ['of the document']],
  ['s3:if-match', { action: 's3:DeleteObjectVersion', ifMatch: 'of the document' }, undefined],
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
  ['aws:userid', { caller: anonymousCaller }, ['anonymous']],
  ['aws:PrincipalArn', { caller: anonymousCaller }, undefined],
  ['aws:PrincipalArn', { caller: session }, [`arn:aws:iam::${accountId}:role/path/worker`]],
  ['aws:PrincipalType', { caller: anonymousCaller }, ['Anonymous']],
  ['aws:PrincipalType', { caller: rootCaller(accountId) }, ['Account']],
  ['aws:username', { caller: session }, undefined],
  ['aws:TokenIssueTime', { caller: session }, ['1970-01-01T00:00:01.000Z']],
  ['aws:TokenIssueTime', {}, undefined],
  ['aws:MultiFactorAuthPresent', {}, undefined],
  ['aws:MultiFactorAuthPresent', { caller: session }, ['false']],
  ['aws:MultiFactorAuthAge', { caller: session }, undefined],
  ['aws:MultiFactorAuthPresent', { caller: withMfa }, ['true']],
  ['aws:MultiFactorAuthAge', { caller: withMfa }, ['90']],
  ['aws:PrincipalIsAWSService', {}, ['false']],
  ['aws:ViaAWSService', {}, ['false']],
  ['aws:CalledVia', {}, undefined],
  ['aws:SourceArn', {}, undefined],
  ['aws:SourceAccount', {}, undefined],
  ['aws:PrincipalOrgID', {}, undefined],
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

test('A key that a policy asks for a hundred times is read once', () => {
  let read = 0
  const call = callInProcess({})
  const authentication = {
    caller: session,
    signature: 'SigV4' as const,
    method: 'AuthHeader' as const,
    region: 'us-east-1',
  }
  const context = contextOf({
    request: {
      operation: 'GetObject',
      headers: {},
      query: new Map(),
      call,
      authentication: { ...authentication, payload: { coding: 'unsigned' } },
      requestId: '',
    },
    need: { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' },
    now,
    bucket,
    findUpload: () => undefined,
    findBucketTags: () => undefined,
    findObject() {
      read++
      return undefined
    },
  })
  for (let time = 0; time < 100; time++) {
    expect(context.get('s3:ExistingObjectTag/owner')).toBeUndefined()
    expect(context.get(`s3:ExistingObjectTag/${time}`)).toBeUndefined()
  }
  expect(read).toBe(1)
})

test('Of more tags than an object can have no more are weighed than cost nothing', () => {
  const tagging = Array.from({ length: 9000 }, (_, index) => `k${index}=v`).join('&')
  expect(readKey('s3:RequestObjectTagKeys', { headers: { 'x-amz-tagging': tagging } })).toHaveLength(100)
})
