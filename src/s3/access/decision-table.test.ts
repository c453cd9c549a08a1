import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Explanations } from '../../access/explanations.ts'
import { anonymousCaller, type Caller, rootCaller, userCaller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import { knownByDocument } from '../needs.ts'
import type { AddressedRequest, S3Operation } from '../operation.ts'
import { operations } from '../operations/index.ts'
import { BucketStore } from '../records/buckets.ts'
import { ConfigurationStore } from '../records/configurations.ts'
import { ObjectStore } from '../records/objects.ts'
import { UploadStore } from '../records/uploads.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'
import { AccessControl } from './access-control.ts'
import { checkAccess } from './admission.ts'
import { DeclaredIdentities, documentOf } from './identities.fixture.ts'

/*
 * Every operation × what the identity policies say × what the bucket policy says × who calls, held against a model that knows
 * nothing of how policies are evaluated: it counts words.
 */

type Word = 'none' | 'silent' | 'allow' | 'deny'
const words: readonly Word[] = ['none', 'silent', 'allow', 'deny']

const callers: Record<string, Caller> = {
  'a user of the account': userCaller(accountId, 'app'),
  'the root of the account': rootCaller(accountId),
  'a user of another account': userCaller('999999999999', 'stranger'),
  nobody: anonymousCaller,
}

/** What the model expects. */
function isLetIn(
  { name, level }: S3Operation,
  who: string,
  identity: Word,
  bucket: Word,
  isRestricted: boolean,
): boolean {
  const own = identity === 'none' || identity === 'allow'
  if (level === 'service' || level === 'new bucket') return who !== 'nobody' && own
  const isRoot = who === 'the root of the account'
  if (isRoot && ['GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'].includes(name)) return true
  if (bucket === 'deny' || identity === 'deny') return false
  if (isRoot) return true
  if (who === 'a user of the account') return own || bucket === 'allow'
  if (bucket !== 'allow' || isRestricted) return false
  return who === 'nobody' ? name !== 'CreateMultipartUpload' : own
}

let s3: S3Fixture
let identities: DeclaredIdentities
let services: Parameters<typeof checkAccess>[0]

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic')
  const { database, blobs, ambient } = s3
  const buckets = new BucketStore(database)
  const configurations = new ConfigurationStore(database)
  const uploads = new UploadStore({ database, blobs, ambient })
  const objects = new ObjectStore({ database, blobs, buckets, ambient })
  const access = new AccessControl({
    identities,
    ambient,
    database,
    explanations: new Explanations(database),
    buckets,
    configurations,
    objects,
    uploads,
  })
  services = { access, buckets, objects }
  for (const name of ['bucket', 'source']) await s3.call('PUT', `/${name}`)
})
afterEach(() => s3.close())

const statementsOf: Record<Exclude<Word, 'none'>, (name: string) => object> = {
  silent: (name) => ({ Effect: 'Allow', Principal: { AWS: '111111111111' }, ...everything(name) }),
  allow: (name) => ({ Effect: 'Allow', Principal: '*', ...everything(name) }),
  deny: (name) => ({ Effect: 'Deny', Principal: '*', ...everything(name) }),
}

function everything(name: string): object {
  return { Action: 's3:*', Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`] }
}

async function setBucketPolicies(word: Word): Promise<void> {
  const caller = rootCaller(accountId)
  for (const name of ['bucket', 'source']) {
    const statement = word === 'none' ? undefined : statementsOf[word](name)
    const reply = statement
      ? await s3.call('PUT', `/${name}?policy`, { body: documentOf([statement]), caller })
      : await s3.call('DELETE', `/${name}?policy`, { caller })
    expect(reply.status).toBe(204)
  }
}

function setIdentity(word: Word): void {
  identities.policies.clear()
  if (word === 'none') return
  const effect = word === 'deny' ? 'Deny' : 'Allow'
  const statement = { Effect: effect, Action: word === 'silent' ? 'kms:*' : 's3:*', Resource: '*' }
  for (const { arn } of Object.values(callers)) identities.policies.set(arn, [statement])
}

function requestOf({ name }: S3Operation, caller: Caller): AddressedRequest {
  const headers: Record<string, string> = /Copy/.test(name) ? { 'x-amz-copy-source': 'source/key' } : {}
  const request: Partial<AddressedRequest> = {
    operation: name,
    bucketName: 'bucket',
    key: 'key',
    query: new Map(),
    headers,
    call: { method: 'GET', path: '/', query: '', headers, body: none(), clientAddress: '127.0.0.1', secure: true },
    authentication: { caller, signature: 'none', method: 'none', region: 'us-east-1', payload: { coding: 'unsigned' } },
  }
  return request as AddressedRequest
}

async function* none(): AsyncGenerator<Uint8Array> {}

function outcomeOf(operation: S3Operation, caller: Caller): boolean {
  try {
    checkAccess(services, operation, requestOf(operation, caller))
    return true
  } catch (error) {
    if (error instanceof AwsError && error.code === 'AccessDenied') return false
    throw error
  }
}

/** The others are decided once their document is read. */
const decidedAtOnce = operations.filter(({ needs }) => needs !== knownByDocument)
const combinations = words.flatMap((identity) =>
  words.flatMap((bucket) => [false, true].map((isRestricted) => [identity, bucket, isRestricted] as const)),
)

test.each(combinations)(
  'Identity policies: %s, bucket policy: %s, restricted to the account: %s; every operation, every caller',
  async (...given) => {
    const [identity, bucket, isRestricted] = given
    if (isRestricted) await restrict()
    await setBucketPolicies(bucket)
    setIdentity(identity)
    identities.policies.delete(rootCaller(accountId).arn)
    const wrong: string[] = []
    for (const operation of decidedAtOnce) {
      for (const [who, caller] of Object.entries(callers)) {
        const own = caller.type === 'Root' ? 'none' : identity
        const expected = isLetIn(operation, who, own, bucket, isRestricted)
        if (outcomeOf(operation, caller) !== expected) wrong.push(`${operation.name} by ${who}: not ${expected}`)
      }
    }
    expect(wrong).toEqual([])
  },
)

async function restrict(): Promise<void> {
  const body =
    '<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>'
  for (const name of ['bucket', 'source']) {
    const { status } = await s3.call('PUT', `/${name}?publicAccessBlock`, { body, caller: rootCaller(accountId) })
    expect(status).toBe(200)
  }
}
