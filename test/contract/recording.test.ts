import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateUserCommand,
  DeleteUserCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam'
import { DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { awsSettings } from './aws-settings.ts'
import { openAwsTarget } from './aws-target.ts'
import { decrypt, getObject, headObject } from './calls.ts'
import { type Asked, expectedOf, recordedInVain, staleDifference } from './expected.ts'
import { exampleAccount, exampleBucket, exampleKey, keyArn } from './names.ts'
import { allowed, noneAllows } from './outcomes.ts'
import { type Recording, readRecording, recordingOf, writeRecording } from './recording.ts'
import { redacted } from './redaction.ts'
import { runScenarios } from './run.ts'
import type { Scenario } from './scenario.ts'
import { may } from './statements.ts'
import type { Target } from './target.ts'

/*
 * The same way as to AWS, to an emulator in its place: what it answers is recorded, and compared. What is kept of AWS can only come
 * from AWS, so this goes to a temporary folder.
 */

const source = 'assumed: this is about the machine'

const scenarios: Scenario[] = [
  {
    name: 'Two principals',
    source,
    users: { Alice: { policy: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] } },
    roles: { ExampleRole: { boundary: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] } },
    buckets: { [exampleBucket]: { objects: [{ Key: 'a' }] } },
    keys: { [exampleKey]: { ciphertexts: { note: {} } } },
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: noneAllows('identity-based policy') },
      { by: 'ExampleRole', call: getObject('a'), expect: noneAllows('identity-based policy') },
      { by: 'ExampleRole', call: headObject('a'), expect: allowed, emulatorAlone: 'to be skipped here' },
    ],
  },
  {
    name: 'Another account',
    source,
    users: { Carlos: { isForeign: true } },
    buckets: { [exampleBucket]: {} },
    rows: [{ by: 'Carlos', call: getObject('a'), expect: allowed }],
  },
]

let journey: Journey
let target: Target
let folder: string
let asked: Asked[]
let left: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-'))
  journey = await startJourney({ bucketDefaults: 'current' })
  process.env.AWS_ACCESS_KEY_ID = 'test'
  process.env.AWS_SECRET_ACCESS_KEY = 'test'
  target = await open(accountId)
  ;({ asked, left } = await runScenarios(target, scenarios))
  await writeRecording(folder, 'family', recordingOf(target, asked))
})
afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true })
})

const patience = { first: 0, pause: 0, tries: 12, times: 2 }

function open(account: string | undefined, more: { now?: () => number } = {}): Promise<Target> {
  const environment = { S3KMS_TEST_ENDPOINT: journey.configuration.endpoint, S3KMS_TEST_RECORDINGS: folder }
  return openAwsTarget({ ...awsSettings(environment), account }, { patience, maxAttempts: 1, ...more })
}

/** The cases whose answers are not as recorded. */
async function differences(): Promise<string[]> {
  const recording = await readRecording(folder, 'family', 'rehearsal')
  return asked.flatMap((one) =>
    JSON.stringify(one.answer) === JSON.stringify(expectedOf(one, recording)) ? [] : one.case,
  )
}

test('What was answered is kept with its date, under the names of examples', async () => {
  const { date, ...recording } = JSON.parse(await readFile(join(folder, 'family.json'), 'utf8'))
  expect(Math.abs(Date.now() - Date.parse(date))).toBeLessThan(3_600_000)
  expect(recording).toEqual({
    target: 'rehearsal',
    region: 'us-east-1',
    rows: [
      { case: 'Two principals: Alice GetObject a', status: 200, code: '', message: '' },
      {
        case: 'Two principals: Alice Decrypt note',
        status: 400,
        code: 'AccessDeniedException',
        message: `User: arn:aws:iam::111122223333:user/Alice is not authorized to perform: kms:Decrypt on resource: ${keyArn()} because no identity-based policy allows the kms:Decrypt action`,
      },
      {
        case: 'Two principals: ExampleRole GetObject a',
        status: 403,
        code: 'AccessDenied',
        message:
          'User: arn:aws:sts::111122223333:assumed-role/ExampleRole/ExampleSession is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::amzn-s3-demo-bucket/a" because no identity-based policy allows the s3:GetObject action',
      },
    ],
  })
})

test('Another run is compared with it row by row', async () => {
  const again = await runScenarios(target, scenarios)
  asked = again.asked
  expect(await differences()).toEqual([])
})

test.each([
  ['message', /no identity-based policy allows the s3/, 'another message'],
  ['code', /AccessDenied"(?=[^}]*s3:GetObject)/, 'NoSuchKey"'],
  ['status', /403/, '404'],
] as const)('A recording with another %s is told apart', async (_, pattern, replacement) => {
  const path = join(folder, 'family.json')
  const kept = await readFile(path, 'utf8')
  await writeFile(path, kept.replace(pattern, replacement))
  expect(await differences()).toEqual(['Two principals: ExampleRole GetObject a'])
  await writeFile(path, kept)
})

test('A recording counts for more than the table, and what the emulator answers otherwise for more than both', () => {
  const [one] = asked
  if (!one) throw new Error('Nothing was asked')
  const recorded = { status: 500, code: 'InternalError', message: '' }
  const recording: Recording = { target: 'aws', date: '', region: '', rows: [{ case: one.case, ...recorded }] }
  const expected = { status: 200, code: '', message: '' }
  expect(expectedOf(one, undefined)).toEqual(expected)
  expect(expectedOf(one, { ...recording, rows: [] })).toEqual(expected)
  expect(expectedOf(one, recording)).toEqual(recorded)
  const otherwise = { status: 404, code: 'NoSuchKey', message: '' }
  const differs = { why: 'a reason', emulator: () => otherwise }
  expect(expectedOf({ ...one, row: { ...one.row, differs } }, recording)).toEqual(otherwise)
})

test('A difference that is none any more is told, whether a recording says so or the table', () => {
  const [one] = asked
  if (!one) throw new Error('Nothing was asked')
  const recorded = { status: 500, code: 'InternalError', message: '' }
  const recording: Recording = { target: 'aws', date: '', region: '', rows: [{ case: one.case, ...recorded }] }
  const differing = { ...one, row: { ...one.row, differs: { why: 'a reason', emulator: () => recorded } } }
  const told = 'The emulator answers as AWS does; take `differs` away: a reason'
  expect(staleDifference(one, recording)).toBeUndefined()
  expect(staleDifference({ ...differing, answer: recorded }, undefined)).toBeUndefined()
  expect(staleDifference({ ...differing, answer: recorded }, recording)).toBe(told)
  expect(staleDifference(differing, undefined)).toBe(told)
})

test('What was recorded of a row that is not asked any more is told', async () => {
  const recording = await readRecording(folder, 'family', 'rehearsal')
  const [first = '', ...names] = asked.map((one) => one.case)
  expect(recordedInVain(recording, [first, ...names])).toEqual([])
  expect(recordedInVain(recording, names)).toEqual([first])
})

test('Nothing stays but keys that wait for their deletion', async () => {
  expect(left).toEqual([])
  const iam = new IAMClient(journey.configuration)
  const { Users } = await iam.send(new ListUsersCommand({}))
  const { Roles } = await iam.send(new ListRolesCommand({}))
  const { Policies } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))
  const { Buckets } = await journey.s3.send(new ListBucketsCommand({}))
  expect([Users, Roles, Policies, Buckets]).toEqual([[], [], [], []])
  const { Keys = [] } = await journey.kms.send(new ListKeysCommand({}))
  const states = await Promise.all(
    Keys.map(async ({ KeyId }) => (await journey.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState),
  )
  expect(states).toEqual(['PendingDeletion', 'PendingDeletion'])
})

test('An account that was not named is not touched', async () => {
  await expect(open(undefined)).rejects.toThrow(
    `Set S3KMS_TEST_AWS_ACCOUNT to ${accountId} if this account may be used`,
  )
  await expect(open('123456789012')).rejects.toThrow(
    `S3KMS_TEST_AWS_ACCOUNT is 123456789012, and the credentials are those of ${accountId}: nothing was done`,
  )
})

test('What another endpoint answers is not kept as an answer of AWS', async () => {
  expect(() => awsSettings({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566' })).toThrow('AWS_ENDPOINT_URL_S3 is set')
  expect(() => awsSettings({ S3KMS_TEST_ENDPOINT: 'http://127.0.0.1:4566' })).toThrow('set S3KMS_TEST_RECORDINGS')
  await expect(readRecording(folder, 'family')).rejects.toThrow('is what rehearsal answered, not aws')
})

test('A clock that is wrong is told, and nothing was made by it', async () => {
  const now = () => Date.now() + 3_600_000
  await expect(open(accountId, { now })).rejects.toThrow(
    /The clock of this machine is 3\d\d\d s fast: nothing was done/,
  )
})

const reading: Scenario = {
  ...{ name: 'One reader', source, users: { Alice: { policy: [may('s3:GetObject')] } } },
  buckets: { [exampleBucket]: { objects: [{ Key: 'a' }, { Key: 'b' }] } },
  rows: [
    { by: 'Alice', call: getObject('b'), expect: noneAllows('identity-based policy') },
    { by: 'Alice', call: getObject('a'), expect: allowed },
  ],
}

test('A call that is throttled is asked again, and one that has no other answer is not recorded', async () => {
  const { faults } = journey.emulator
  await faults.add({ service: 's3', operation: 'GetObject', prefix: 'a', error: 'SlowDown', times: 5 })
  await faults.add({ service: 's3', operation: 'GetObject', prefix: 'b', error: 'SlowDown' })
  const { asked } = await runScenarios(target, [reading])
  await faults.clear()
  const [throttled, answered] = asked
  expect(String(throttled?.fault)).toContain('There was no answer but SlowDown')
  expect(answered?.answer?.status).toBe(200)
  expect(recordingOf(target, asked).rows.map((row) => row.case)).toEqual(['One reader: Alice GetObject a'])
})

test('A refusal counts only when its caller was allowed something: before, nobody knew what it may', async () => {
  // As long as its policy is not known everywhere, Alice may nothing, and the table is wrong in that she may not read b.
  const message = `User: arn:aws:iam::${accountId}:user/Alice is not known yet`
  await journey.emulator.faults.add({ service: 's3', operation: 'GetObject', error: 'AccessDenied', message, times: 6 })
  const expect403 = () => ({ status: 403, code: 'AccessDenied', message: message.replace(accountId, exampleAccount) })
  const [first, second] = reading.rows
  if (!first || !second) throw new Error('There are no rows')
  const { asked } = await runScenarios(target, [{ ...reading, rows: [{ ...first, expect: expect403 }, second] }])
  await journey.emulator.faults.clear()
  expect(asked.map(({ answer }) => answer?.status)).toEqual([200, 200])
})

test('What somebody else has is not taken away, though a run wanted its name', async () => {
  const iam = new IAMClient(journey.configuration)
  await iam.send(new CreateUserCommand({ UserName: 'contract-taken-0-Alice' }))
  const { asked, left } = await runScenarios(target, [reading], { run: 'contract-taken' })
  expect(String(asked[0]?.fault)).toContain('EntityAlreadyExists')
  expect(left).toEqual([])
  await iam.send(new DeleteUserCommand({ UserName: 'contract-taken-0-Alice' }))
})

test('What names an account, a key or a run is in no recording', () => {
  const message = `arn:aws:iam::210987654321:user/x AKIAIOSFODNN7ABCDEFG ${'ab'.repeat(32)} contract-0123456789ab-12 of ${exampleAccount}`
  expect(redacted(message)).toBe(
    `arn:aws:iam::000000000000:user/x AKIAEXAMPLE ${'00'.repeat(32)} contract of ${exampleAccount}`,
  )
})

test('What cannot be set up fails the rows of its scenario alone', async () => {
  const broken: Scenario = {
    ...{ name: 'A policy that is none', source, users: { Alice: {} } },
    buckets: { [exampleBucket]: { policy: [{ Effect: 'Allow', Principal: 'Alice', Action: 's3:GetObject' }] } },
    rows: [{ by: 'Alice', call: getObject('a'), expect: allowed }],
  }
  const [scenario] = scenarios
  const { asked, left } = await runScenarios(target, [broken, ...(scenario ? [scenario] : [])])
  expect(asked.map(({ answer, fault }) => [answer?.status, fault && String(fault)])).toEqual([
    [undefined, expect.stringContaining('MalformedPolicy')],
    [200, undefined],
    [400, undefined],
    [403, undefined],
  ])
  expect(left).toEqual([])
})
