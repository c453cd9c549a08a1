import { CreateGrantCommand, CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { PutBucketAclCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'
import { commandLine } from './process.ts'

/* What a review of encryption asks of a store. */

const Bucket = 'audited'
let journey: Journey
let keyArn: string
let unusedArn: string

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
  await journey.createBucket('open')
  keyArn = await journey.createKey()
  unusedArn = (await journey.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
  await put('clear', {})
  await put('own', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
  await put('managed', { ServerSideEncryption: 'aws:kms' })
  await put('s3', { ServerSideEncryption: 'AES256' })
  await journey.s3.send(new PutBucketAclCommand({ Bucket: 'open', ACL: 'public-read' }))
  const EncryptionContext = { customer: 'anna@example.com' }
  await journey.kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x'), EncryptionContext }))
  const GranteePrincipal = 'arn:aws:iam::000000000000:user/test'
  await journey.kms.send(
    new CreateGrantCommand({ KeyId: keyArn, GranteePrincipal, Operations: ['Decrypt'], Name: 'wide' }),
  )
})

afterAll(() => journey.stop())

function put(Key: string, sealed: object) {
  return journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...sealed }))
}

test('Objects are counted by scheme and key, calls by key and caller', async () => {
  const { objects, calls } = await journey.emulator.audit()
  expect(objects).toContainEqual({ scheme: 'none', versions: 1, uploads: 0, bytes: 4 })
  expect(objects).toContainEqual({ scheme: 'SSE-KMS', keyArn, versions: 1, uploads: 0, bytes: 4 })
  expect(objects.map(({ versions }) => versions)).toEqual([1, 1, 1, 1])
  const caller = 'arn:aws:iam::000000000000:user/test'
  expect(calls).toContainEqual(expect.objectContaining({ keyArn, caller, event: 'Encrypt', calls: 1, refused: 0 }))
})

test('It finds what is in clear, public, under the managed key, unused, too broad, and personal', async () => {
  const { findings, counts } = await journey.emulator.audit()
  expect(findings.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
    `unencrypted s3://${Bucket}/clear`,
    `managed-key s3://${Bucket}/managed`,
    'public s3://open',
    `sensitive-context ${keyArn}`,
    `broad-grant ${keyArn}`,
    `unused-key ${unusedArn}`,
  ])
  expect(counts).toMatchObject({ unencrypted: 1, 'sensitive-context': 1 })
  // What was found is not repeated: the audit is read by more people than the trail.
  expect(JSON.stringify(findings)).not.toContain('anna@example.com')
})

test('Calls are counted over time: by the hour, until they span more, or as is asked for', async () => {
  const caller = 'arn:aws:iam::000000000000:user/test'
  const encryptions = async (query = {}) => {
    const { by, calls } = await journey.emulator.audit(query)
    return [by, calls.find(({ event }) => event === 'Encrypt')?.periods]
  }
  const [record] = await journey.records({
    LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'Encrypt' }],
  })
  const day = `${record?.eventTime.slice(0, 10)}T00:00:00Z`
  const hour = `${record?.eventTime.slice(0, 13)}:00:00Z`
  const once = { calls: 1, refused: 0 }
  expect(await encryptions()).toEqual(['hour', [{ start: hour, ...once }]])
  expect(await encryptions({ by: 'day' })).toEqual(['day', [{ start: day, ...once }]])
  journey.turn(10 * 86_400_000)
  const since = journey.ambient.now() - 1000
  await journey.kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }))
  const later = `${new Date(journey.ambient.now()).toISOString().slice(0, 10)}T00:00:00Z`
  expect(await encryptions()).toEqual([
    'day',
    [
      { start: day, ...once },
      { start: later, ...once },
    ],
  ])
  const { calls, findings } = await journey.emulator.audit({ since })
  expect(calls.map((row) => [row.keyArn, row.caller, row.event, row.calls])).toEqual([[keyArn, caller, 'Encrypt', 1]])
  expect(findings.map(({ kind }) => kind)).not.toContain('sensitive-context')
  expect((await journey.emulator.audit({ until: since })).calls.map((row) => row.event)).toContain('CreateGrant')
})

const kinds = [
  ['unencrypted', 1],
  ['managed-key', 1],
  ['public', 1],
  ['sensitive-context', 1],
  ['broad-policy', 0],
  ['broad-grant', 1],
  ['unused-key', 1],
] as const

test.each(kinds)('With --fail-on %s the exit code is %i', async (kind, code) => {
  const ended = await commandLine(['audit', '--endpoint', journey.endpoint, '--format', 'json', '--fail-on', kind])
  expect([ended.code, ended.stderr]).toEqual([code, code === 0 ? '' : `--fail-on: 1 ${kind}\n`])
})

test('It fails on one of several, and says on which', async () => {
  const ask = (...flags: string[]) => commandLine(['audit', '--endpoint', journey.endpoint, ...flags])
  const failed = await ask('--fail-on', 'broad-policy, public,unencrypted,public')
  expect([failed.code, failed.stderr]).toEqual([1, '--fail-on: 1 public, 1 unencrypted\n'])
  const given = await ask('--fail-on', 'public', '--fail-on', 'broad-policy')
  expect([given.code, given.stderr]).toEqual([1, '--fail-on: 1 public\n'])
  expect(failed.stdout).toContain(`unencrypted: s3://${Bucket}/clear lies in clear`)
})

test.each([
  [
    ['--fail-on', 'public,nothing'],
    "--fail-on takes unencrypted, managed-key, public, sensitive-context, broad-policy, broad-grant, unused-key, not 'nothing'",
  ],
  [['--fail-on', ''], "unused-key, not ''"],
  [['--format', 'xml'], "--format must be one of table, json, markdown, sarif, not 'xml'"],
  [['--json', '--format', 'sarif'], '--json is --format json: name one of both'],
  [['--by', 'week'], "--by must be one of hour, day, month, year, not 'week'"],
  [['--since', 'now'], '--since must be a time such as'],
  [['--since', '1h', '--until', '2h'], '--since is after --until'],
])('%j is refused in words, before anything is asked', async (flags, words) => {
  const ended = await commandLine(['audit', '--endpoint', 'http://127.0.0.1:1', ...flags])
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([2, '', expect.stringContaining(words)])
})

test('Over HTTP a parameter that is none is refused in words', async () => {
  const ask = async (query: string) => {
    const answer = await fetch(`${journey.endpoint}/_s3kms/audit?${query}`)
    return [answer.status, await answer.text()]
  }
  expect(await ask('by=week')).toEqual([422, expect.stringContaining('by must be one of hour, day, month, year')])
  expect(await ask('since=yesterday')).toEqual([422, expect.stringContaining('since must be a moment with its zone')])
})
