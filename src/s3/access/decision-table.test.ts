import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Explanations } from '../../access/explanations.ts'
import { anonymousCaller, type Caller, rootCaller, userCaller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import { knownByDocument } from '../needs.ts'
import type { AddressedRequest, S3Operation } from '../operation.ts'
import { operations } from '../operations/index.ts'
import { BucketStore } from '../records/buckets.ts'
import { ConfigurationStore } from '../records/configurations.ts'
import { ObjectStore } from '../records/objects.ts'
import { UploadStore } from '../records/uploads.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'
import { AccessControl } from './access-control.ts'
import { operationsByPermission } from './acl-mapping.fixture.ts'
import { checkAccess } from './admission.ts'
import { DeclaredIdentities, documentOf } from './identities.fixture.ts'

/*
 * Every operation × what the identity policies say × what the bucket policy says × what ACLs grant × the flags of the public access
 * block × who calls, held against a model that knows nothing of how policies are evaluated: it counts words.
 */

type Word = 'none' | 'silent' | 'allow' | 'deny'
const words: readonly Word[] = ['none', 'silent', 'allow', 'deny']
/** Of a bucket policy: `allow` is for everybody, `names` for each caller by its ARN, `delegates` for their accounts. */
type BucketWord = Word | 'names' | 'delegates'
const bucketWords: readonly BucketWord[] = [...words, 'names', 'delegates']

const strangers = '999999999999'
const callers: Record<string, Caller> = {
  'a user of the account': userCaller(accountId, 'app'),
  'the root of the account': rootCaller(accountId),
  'a user of another account': userCaller(strangers, 'stranger'),
  'the root of another account': rootCaller(strangers),
  nobody: anonymousCaller,
}

interface Case {
  identity: Word
  bucket: BucketWord
  /** Bucket and object grant FULL_CONTROL to everybody, and IgnorePublicAcls is off. */
  isOpen: boolean
  restrictsPublic: boolean
}

/** What the model expects. */
function isLetIn(
  { name, level }: S3Operation,
  who: string,
  { identity, bucket, isOpen, restrictsPublic }: Case,
): boolean {
  const isRoot = who.startsWith('the root')
  const own = isRoot || identity === 'none' || identity === 'allow'
  if (level === 'service' || level === 'new bucket') return who !== 'nobody' && own
  const isOfAccount = who.endsWith('of the account')
  const isOfPolicy = ['GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'].includes(name)
  if (isRoot && isOfAccount && isOfPolicy) return true
  if (bucket === 'deny' || (!isRoot && who !== 'nobody' && identity === 'deny')) return false
  const isGranted = isOpen && isGivenByAcl(name)
  if (isOfAccount) return own || bucket === 'allow' || bucket === 'names' || isGranted
  if (restrictsPublic && bucket === 'allow') return false
  if (who === 'nobody') return (bucket === 'allow' || isGranted) && name !== 'CreateMultipartUpload'
  return own && (isGranted || bucket === 'allow' || bucket === 'names' || bucket === 'delegates')
}

/** A copy reads and writes. */
function isGivenByAcl(name: string): boolean {
  return operationsByPermission.FULL_CONTROL?.includes(name) || /Copy/.test(name)
}

let s3: S3Fixture
let identities: DeclaredIdentities
let services: Parameters<typeof checkAccess>[0]

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  const { database, blobs, ambient } = s3
  const buckets = new BucketStore(database)
  const configurations = new ConfigurationStore(database)
  const uploads = new UploadStore({ database, blobs, ambient })
  const objects = new ObjectStore({ database, blobs, buckets, ambient })
  const explanations = new Explanations(database)
  const stores = { buckets, configurations, objects, uploads }
  const access = new AccessControl({ identities, ambient, database, explanations, ...stores })
  services = { access, buckets, objects }
  for (const name of ['bucket', 'source']) {
    await s3.call('PUT', `/${name}`)
    await s3.call('PUT', `/${name}/key`, { body: 'x' })
  }
})
afterEach(() => s3.close())

const statementsOf: Record<Exclude<BucketWord, 'none'>, object> = {
  silent: { Effect: 'Allow', Principal: { AWS: '111111111111' } },
  allow: { Effect: 'Allow', Principal: '*' },
  deny: { Effect: 'Deny', Principal: '*' },
  names: { Effect: 'Allow', Principal: { AWS: Object.values(callers).flatMap(({ arn }) => arn || []) } },
  delegates: { Effect: 'Allow', Principal: { AWS: [accountId, strangers] } },
}

const root = rootCaller(accountId)

/** Is told to both buckets. */
async function tell(method: string, subresource: string, bodyFor?: (name: string) => string): Promise<void> {
  for (const name of ['bucket', 'source']) {
    const reply = await s3.call(method, `/${name}?${subresource}`, { body: bodyFor?.(name), caller: root })
    expect(reply.text).toBe('')
  }
}

async function setBucketPolicies(statement: object | undefined): Promise<void> {
  if (!statement) return tell('DELETE', 'policy')
  await tell('PUT', 'policy', (name) =>
    documentOf([{ ...statement, Action: 's3:*', Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`] }]),
  )
}

function setFlags(flags: Record<string, boolean>): Promise<void> {
  const elements = Object.entries(flags).map(([flag, isOn]) => `<${flag}>${isOn}</${flag}>`)
  const body = `<PublicAccessBlockConfiguration>${elements.join('')}</PublicAccessBlockConfiguration>`
  return tell('PUT', 'publicAccessBlock', () => body)
}

async function openToEverybody(): Promise<void> {
  const id = (await s3.call('GET', '/bucket?acl', { caller: root })).text.match(/<ID>(.*?)</)?.[1]
  const everybody = 'uri=http://acs.amazonaws.com/groups/global/AllUsers'
  const headers = { 'x-amz-grant-full-control': `id=${id}, ${everybody}` }
  for (const target of ['/bucket?acl', '/source?acl', '/bucket/key?acl', '/source/key?acl']) {
    expect((await s3.call('PUT', target, { headers, caller: root })).status).toBe(200)
  }
}

function statementOf(word: Word): object[] {
  const Effect = word === 'deny' ? 'Deny' : 'Allow'
  return [{ Effect, Action: word === 'silent' ? 'kms:*' : 's3:*', Resource: '*' }]
}

function setIdentity(word: Word): void {
  identities.policies.clear()
  if (word === 'none') return
  for (const { arn, type } of Object.values(callers)) {
    if (type === 'IAMUser') identities.policies.set(arn, statementOf(word))
  }
}

/** WRITE of an ACL is for keys that are new. */
function requestOf({ name }: S3Operation, caller: Caller): AddressedRequest {
  const headers: Record<string, string> = /Copy/.test(name) ? { 'x-amz-copy-source': 'source/key' } : {}
  const isWrite = operationsByPermission.WRITE?.includes(name) || /Copy/.test(name)
  const request: Partial<AddressedRequest> = {
    operation: name,
    bucketName: 'bucket',
    key: isWrite ? 'new' : 'key',
    query: new Map(),
    headers,
    call: { method: 'GET', path: '/', query: '', headers, body: none(), clientAddress: '127.0.0.1', secure: true },
    authentication: { caller, signature: 'none', method: 'none', region: 'us-east-1', payload: { coding: 'unsigned' } },
  }
  return request as AddressedRequest
}

async function* none(): AsyncGenerator<Uint8Array> {}

function isAdmitted(operation: S3Operation, caller: Caller): boolean {
  try {
    checkAccess(services, operation, requestOf(operation, caller))
    return true
  } catch (error) {
    if (error instanceof AwsError && error.code === 'AccessDenied') return false
    throw error
  }
}

/** Operations that decide once their document is read are called whole. */
const calledWhole: Record<string, () => readonly [method: string, target: string, body: string]> = {
  DeleteObjects: () => ['POST', '/bucket?delete', '<Delete><Object><Key>gone</Key></Object></Delete>'],
  PutObjectTagging: () => [
    'PUT',
    '/bucket/key?tagging',
    '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>',
  ],
}

async function isAnsweredTo(operation: S3Operation, caller: Caller): Promise<boolean> {
  const called = calledWhole[operation.name]?.()
  if (!called) throw new Error(`${operation.name} decides by its document: say how it is called`)
  const [method, target, body] = called
  const { createHash } = await import('node:crypto')
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const { text } = await s3.call(method, target, {
    body,
    headers,
    caller: caller.type === 'Anonymous' ? 'anonymous' : caller,
  })
  return !text.includes('<Code>AccessDenied</Code>')
}

function outcomeOf(operation: S3Operation, caller: Caller): boolean | Promise<boolean> {
  return operation.needs === knownByDocument ? isAnsweredTo(operation, caller) : isAdmitted(operation, caller)
}

/** What is not as a model has it, over all operations. */
async function differences(
  who: Record<string, Caller>,
  expects: (operation: S3Operation, name: string) => boolean,
): Promise<string[]> {
  const wrong: string[] = []
  for (const operation of operations) {
    for (const [name, caller] of Object.entries(who)) {
      const expected = expects(operation, name)
      if ((await outcomeOf(operation, caller)) !== expected) wrong.push(`${operation.name} by ${name}: not ${expected}`)
    }
  }
  return wrong
}

/** IgnorePublicAcls means nothing where there are none. */
const exposures = [false, true].flatMap((RestrictPublicBuckets) => [
  { hasPublicAcl: false, IgnorePublicAcls: false, RestrictPublicBuckets },
  { hasPublicAcl: true, IgnorePublicAcls: false, RestrictPublicBuckets },
  { hasPublicAcl: true, IgnorePublicAcls: true, RestrictPublicBuckets },
])

async function expose({ hasPublicAcl, ...flags }: (typeof exposures)[number], statement: object | undefined) {
  await setBucketPolicies(undefined)
  for (const target of ['/bucket?acl', '/source?acl', '/bucket/key?acl', '/source/key?acl']) {
    const headers = { 'x-amz-acl': 'private' }
    expect((await s3.call('PUT', target, { headers, caller: root })).status).toBe(200)
  }
  if (hasPublicAcl) await openToEverybody()
  await setFlags(flags)
  await setBucketPolicies(statement)
}

test.each(words.flatMap((identity) => bucketWords.map((bucket) => [identity, bucket] as const)))(
  'Identity policies: %s, bucket policy: %s; every operation, every caller, with and without public ACLs, under every flag',
  async (identity, bucket) => {
    setIdentity(identity)
    const wrong: Record<string, string[]> = {}
    for (const exposure of exposures) {
      await expose(exposure, bucket === 'none' ? undefined : statementsOf[bucket])
      const { hasPublicAcl, IgnorePublicAcls, RestrictPublicBuckets: restrictsPublic } = exposure
      const given = { identity, bucket, isOpen: hasPublicAcl && !IgnorePublicAcls, restrictsPublic }
      const found = await differences(callers, (operation, who) => isLetIn(operation, who, given))
      if (found.length > 0) wrong[JSON.stringify(exposure)] = found
    }
    expect(wrong).toEqual({})
  },
)

/* Boundary and session policy: what they do not allow is refused, but for whom the bucket policy names by the very ARN. */

const role = `arn:aws:iam::${accountId}:role/worker`
const limited: Record<string, Caller> = {
  user: userCaller(accountId, 'app'),
  session: sessionCaller(role, 'job', 'ASIA', 0),
}
const invitations: Record<string, object | undefined> = {
  none: undefined,
  everybody: { Effect: 'Allow', Principal: '*' },
  'user and session': { Effect: 'Allow', Principal: { AWS: Object.values(limited).map(({ arn }) => arn) } },
  role: { Effect: 'Allow', Principal: { AWS: role } },
}

interface LimitedCase {
  identity: Word
  boundary: Word
  session: Word
  invitation: string
}

function isLetInWithin({ level }: S3Operation, who: string, { identity, boundary, session, invitation }: LimitedCase) {
  const isWithin = [boundary, session].every((word) => word === 'none' || word === 'allow')
  const isAllowed = identity === 'allow'
  if (level === 'service' || level === 'new bucket') return isAllowed && isWithin
  if (boundary === 'deny' || session === 'deny') return false
  if (invitation === 'user and session') return true
  const isInvited = invitation === 'everybody' || (invitation === 'role' && who === 'session')
  return (isAllowed || isInvited) && isWithin
}

test.each(words.flatMap((boundary) => words.map((session) => [boundary, session] as const)))(
  'Permissions boundary: %s, session policy: %s; every operation, whoever the bucket policy names',
  async (boundary, session) => {
    const wrong: Record<string, string[]> = {}
    for (const [invitation, statement] of Object.entries(invitations)) {
      await setBucketPolicies(statement)
      for (const identity of ['silent', 'allow'] as const) {
        for (const { arn, role: of } of Object.values(limited)) {
          const holder = of?.arn ?? arn
          identities.policies.set(holder, statementOf(identity))
          if (boundary !== 'none') identities.boundaries.set(holder, statementOf(boundary))
          if (session !== 'none') identities.sessions.set(arn, statementOf(session))
        }
        const given = { identity, boundary, session, invitation }
        const found = await differences(limited, (operation, who) => isLetInWithin(operation, who, given))
        if (found.length > 0) wrong[`${invitation}, ${identity}`] = found
      }
    }
    expect(wrong).toEqual({})
  },
)
