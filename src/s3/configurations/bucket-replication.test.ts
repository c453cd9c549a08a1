import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { DeclaredIdentities } from '../access/identities.fixture.ts'
import { accountId, openS3, owner, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  for (const bucket of ['source', 'target', 'plain']) await s3.call('PUT', `/${bucket}`)
  for (const bucket of ['source', 'target']) await setVersioning(bucket, 'Enabled')
})
afterEach(() => s3.close())

function setVersioning(bucket: string, status: string) {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
  return s3.call('PUT', `/${bucket}?versioning`, { body })
}

const role = `arn:aws:iam::${accountId}:role/replicator`

function put(rules: string, { bucket = 'source', Role = role, caller = owner } = {}) {
  const body = `<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>${Role}</Role>${rules}</ReplicationConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  return s3.call('PUT', `/${bucket}?replication`, { body, headers, caller })
}

async function told(): Promise<string> {
  const { text } = await s3.call('GET', '/source?replication')
  return text.replace(/^.*<ReplicationConfiguration[^>]*>(.*)<\/ReplicationConfiguration>$/s, '$1')
}

const key = `arn:aws:kms:us-east-1:${accountId}:key/3cb0f4e6-0000-4000-8000-000000000000`
const status = '<Status>Enabled</Status>'
const target = '<Bucket>arn:aws:s3:::target</Bucket>'
const to = (inner = target) => `<Destination>${inner}</Destination>`
const priority = (value: number | string) => `<Priority>${value}</Priority>`
const markers = (value = 'Disabled') => `<DeleteMarkerReplication><Status>${value}</Status></DeleteMarkerReplication>`
const filter = (inner = '') => `<Filter>${inner}</Filter>`
const tag = (name: string, value = 'v') => `<Tag><Key>${name}</Key><Value>${value}</Value></Tag>`
const criteria = (inner: string) => `<SourceSelectionCriteria>${inner}</SourceSelectionCriteria>`
const underKms = '<SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects>'
const replicaKey = (arn: string) =>
  `<EncryptionConfiguration><ReplicaKmsKeyID>${arn}</ReplicaKmsKeyID></EncryptionConfiguration>`
const minutes = (name: string, value: number) => `<${name}><Minutes>${value}</Minutes></${name}>`
const time = (value = 15) => `<ReplicationTime>${status}${minutes('Time', value)}</ReplicationTime>`
const metrics = (value = 15) => `<Metrics>${status}${minutes('EventThreshold', value)}</Metrics>`
const owning = '<AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>'
/** A rule of the second version, as S3 shows it. */
const rule = ({
  id = '<ID>a</ID>',
  of = filter(),
  rank = priority(0),
  more = '',
  into = to(),
  marked = markers(),
} = {}) => `<Rule>${id}${rank}${of}${status}${more}${into}${marked}</Rule>`
const first = (inner = '') => `<Rule><ID>a</ID>${inner}${status}${to()}</Rule>`

test.each([
  rule(),
  rule({ of: filter('<Prefix></Prefix>') }),
  rule({ of: filter(tag('k')) }),
  rule({ of: filter(`<And><Prefix>p/</Prefix>${tag('k')}${tag('l')}</And>`) }),
  rule({ marked: markers('Enabled'), of: filter('<Prefix>p/</Prefix>'), rank: priority(2_147_483_647) }),
  rule({
    more: criteria(`${underKms}<ReplicaModifications><Status>Enabled</Status></ReplicaModifications>`),
    into: to(target + replicaKey(key)),
  }),
  rule({
    into: to(
      `${target}<Account>111122223333</Account><StorageClass>GLACIER</StorageClass>${owning}${time()}${metrics()}`,
    ),
  }),
  rule({ into: to(`${target}<Metrics>${status}</Metrics>`) }),
  rule({ id: '<ID>a</ID>' }) + rule({ id: '<ID>b</ID>', rank: priority(1) }),
  first(),
  first('<Prefix>p/</Prefix>'),
])('%s is taken and told in its form', async (rules) => {
  expect(await put(rules)).toMatchObject({ status: 200, text: '' })
  expect(await told()).toBe(`<Role>${role}</Role>${rules}`)
})

test('A rule without an id gets one; Delete takes all away, and answers 204 where there is none', async () => {
  expect(await put(rule({ id: '' }) + rule({ id: '', rank: priority(1) }))).toMatchObject({ status: 200 })
  expect((await told()).match(/<ID>[A-Za-z0-9+/=]{48}<\/ID>/g)).toHaveLength(2)
  for (const _ of [1, 2]) expect(await s3.call('DELETE', '/source?replication')).toMatchObject({ status: 204 })
  const reply = await s3.call('GET', '/source?replication')
  expect(reply).toMatchObject({ status: 404, code: 'ReplicationConfigurationNotFoundError' })
})

const schema =
  'for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.'

const malformed = 'The XML you provided was not well-formed or did not validate against our published schema'

test.each([
  ['', 'MalformedXML', malformed],
  [rule({ of: filter(`<Prefix>p</Prefix>${tag('k')}`) }), 'MalformedXML', malformed],
  [rule({ of: filter(`<And>${tag('k')}</And>`) }), 'MalformedXML', malformed],
  [rule({ of: `<Prefix>p</Prefix>${filter()}` }), 'MalformedXML', malformed],
  [
    rule({ more: '<ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>' }),
    'MalformedXML',
    malformed,
  ],
  [rule({ into: to(`${target}<StorageClass>COLD</StorageClass>`) }), 'MalformedXML', malformed],
  [first(priority(1)), 'InvalidRequest', `Priority cannot be used ${schema}`],
  [`<Rule>${status}${to()}${markers()}</Rule>`, 'InvalidRequest', `DeleteMarkerReplication cannot be used ${schema}`],
  [rule({ rank: '' }), 'InvalidRequest', `Priority must be specified ${schema}`],
  [rule({ marked: '' }), 'InvalidRequest', `DeleteMarkerReplication must be specified ${schema}`],
  [
    rule({ of: filter(tag('k')), marked: markers('Enabled') }),
    'InvalidRequest',
    'Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.',
  ],
  [rule({ of: filter(`<And>${tag('k')}${tag('k')}</And>`) }), 'InvalidRequest', 'Duplicate Tag Keys are not allowed.'],
  [rule({ rank: priority(-1) }), 'InvalidRequest', 'Priority must be between 0 and 2147483647.'],
  [rule() + rule({ id: '<ID>b</ID>' }), 'InvalidRequest', 'Found duplicate priority 0.'],
  [rule({ id: `<ID>${'a'.repeat(256)}</ID>` }), 'InvalidArgument', 'Rule Id cannot be greater than 255'],
  [rule() + rule({ rank: priority(1) }), 'InvalidArgument', 'Rule Id must be unique'],
  [rule({ into: to('<Bucket>target</Bucket>') }), 'InvalidArgument', 'Invalid bucket ARN'],
  [
    rule({ into: to('<Bucket>arn:aws:s3:::source</Bucket>') }),
    'InvalidRequest',
    'Destination bucket cannot be the same as the source bucket.',
  ],
  [rule({ into: to('<Bucket>arn:aws:s3:::nowhere</Bucket>') }), 'InvalidRequest', 'Destination bucket must exist.'],
  [
    rule({ into: to('<Bucket>arn:aws:s3:::plain</Bucket>') }),
    'InvalidRequest',
    'Destination bucket must have versioning enabled.',
  ],
  [rule({ more: criteria('') }), 'InvalidRequest', 'SourceSelectionCriteria cannot be empty.'],
  [
    rule({ into: to(target + replicaKey(key)) }),
    'InvalidRequest',
    'SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.',
  ],
  [
    rule({ more: criteria(underKms) }),
    'InvalidRequest',
    'ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.',
  ],
  [
    rule({ more: criteria(underKms), into: to(target + replicaKey('no-arn')) }),
    'InvalidArgument',
    'Invalid ReplicaKmsKeyID ARN.',
  ],
  [
    rule({ into: to(target + owning) }),
    'InvalidRequest',
    'Account must be specified if the Owner in AccessControlTranslation has a value',
  ],
  [
    rule({ into: to(target + time()) }),
    'InvalidRequest',
    'Replication destination must contain both ReplicationTime and Metrics or neither.',
  ],
  [rule({ into: to(target + time(5) + metrics()) }), 'InvalidArgument', 'Invalid time minute value'],
  [rule({ into: to(target + time() + metrics(5)) }), 'InvalidArgument', 'Invalid event threshold minute value'],
])('%s is %s: %s', async (rules, code, message) => {
  const reply = await put(rules)
  expect(reply).toMatchObject({ status: 400, code })
  expect((await reply.xml('Error')).Message).toBe(message)
})

test('The source must have versions, and keeps them as long as it is replicated', async () => {
  const refused = await put(rule(), { bucket: 'plain' })
  expect(refused).toMatchObject({ status: 400, code: 'InvalidRequest' })
  expect(refused.text).toContain("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
  await put(rule())
  const suspended = await setVersioning('source', 'Suspended')
  expect(suspended).toMatchObject({ status: 409, code: 'InvalidBucketState' })
  expect(suspended.text).toContain('first delete the replication configuration.')
  await s3.call('DELETE', '/source?replication')
  expect(await setVersioning('source', 'Suspended')).toMatchObject({ status: 200 })
})

test.each([
  ['no-arn', 400, 'InvalidArgument'],
  [`arn:aws:iam::${accountId}:user/me`, 400, 'InvalidArgument'],
  ['arn:aws:iam::111122223333:role/replicator', 403, 'AccessDenied'],
])('The role %s is refused: %i %s', async (Role, status, code) => {
  expect(await put(rule(), { Role })).toMatchObject({ status, code })
})

test('Who hands S3 a role must be allowed to pass it to S3', async () => {
  const caller = userCaller(accountId, 'limited')
  const statement = (Action: string, Condition?: object) => ({ Effect: 'Allow', Action, Resource: '*', Condition })
  const toService = (service: string) => ({ StringEquals: { 'iam:PassedToService': service } })
  const attempt = async (...statements: object[]) => {
    await s3.close()
    const identities = new DeclaredIdentities()
    identities.policies.set(caller.arn, [statement('s3:*'), ...statements])
    s3 = await openS3('classic', identities)
    for (const bucket of ['source', 'target']) {
      await s3.call('PUT', `/${bucket}`)
      await setVersioning(bucket, 'Enabled')
    }
    return put(rule(), { caller })
  }
  const refused = await attempt(statement('iam:PassRole', toService('ec2.amazonaws.com')))
  expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect((await refused.xml('Error')).Message).toBe(
    `User: ${caller.arn} is not authorized to perform: iam:PassRole on resource: "${role}" because no identity-based policy allows the iam:PassRole action`,
  )
  expect(await attempt(statement('iam:PassRole', toService('s3.amazonaws.com')))).toMatchObject({ status: 200 })
})
