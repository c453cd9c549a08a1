import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  CreateUserCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam'
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { families } from './families.ts'
import { unfinishedRuns } from './journal.ts'
import { record } from './record.ts'
import { readRecording } from './recording.ts'

/*
 * `S3KMS_TEST_TARGET=aws npm run contract` as somebody runs it, in a process of its own, with an emulator in the place of AWS: what it
 * refuses, what it keeps, and that nothing stays, however it ends.
 */

const program = fileURLToPath(new URL('../../scripts/contract.mjs', import.meta.url))
let journey: Journey
let iam: IAMClient
let folder: string
let before: string[]

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'current' })
  iam = new IAMClient(journey.configuration)
  // Somebody else's, whose names look like those of a run.
  await iam.send(new CreateUserCommand({ UserName: 'contract-0123456789ab-0-Alice' }))
  await journey.s3.send(new CreateBucketCommand({ Bucket: 'contract-0123456789ab-0' }))
  await journey.kms.send(
    new CreateKeyCommand({ Tags: [{ TagKey: 'contract-run', TagValue: 'contract-0123456789ab' }] }),
  )
  before = await whatIsThere()
  Object.assign(process.env, credentials)
})
afterAll(() => journey.stop())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contract-'))
  await mkdir(join(folder, 'journals'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Keys that wait for their deletion, and go on waiting. */
const notInUse = new Set<string>()

async function isInUse(KeyId: string): Promise<boolean> {
  if (notInUse.has(KeyId)) return false
  const { KeyMetadata: key } = await journey.kms.send(new DescribeKeyCommand({ KeyId }))
  if (key?.KeyManager === 'CUSTOMER' && key.KeyState !== 'PendingDeletion') return true
  notInUse.add(KeyId)
  return false
}

/** Names of principals, policies and buckets, and keys that do not wait for their deletion. */
async function whatIsThere(): Promise<string[]> {
  const { Users = [] } = await iam.send(new ListUsersCommand({}))
  const { Roles = [] } = await iam.send(new ListRolesCommand({}))
  const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))
  const { Buckets = [] } = await journey.s3.send(new ListBucketsCommand({}))
  const { Keys = [] } = await journey.kms.send(new ListKeysCommand({ Limit: 1000 }))
  const keys: string[] = []
  for (const { KeyId = '' } of Keys) if (await isInUse(KeyId)) keys.push(KeyId)
  const named = [
    ...Users.map(({ UserName }) => UserName),
    ...Roles.map(({ RoleName }) => RoleName),
    ...Policies.map(({ PolicyName }) => PolicyName),
    ...Buckets.map(({ Name }) => Name),
  ]
  return [...named.map(String), ...keys].sort()
}

function settings(): NodeJS.ProcessEnv {
  return {
    S3KMS_TEST_TARGET: 'aws',
    S3KMS_TEST_AWS_ACCOUNT: accountId,
    S3KMS_TEST_ENDPOINT: journey.endpoint,
    S3KMS_TEST_RECORDINGS: join(folder, 'recordings'),
    S3KMS_TEST_JOURNALS: join(folder, 'journals'),
  }
}

const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

function start(words: readonly string[], environment: NodeJS.ProcessEnv = credentials): ChildProcess {
  const nothingElse = { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' }
  return spawn(process.execPath, ['--no-warnings', program, ...words], {
    env: { ...nothingElse, ...settings(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

interface Ended {
  code: number | null
  printed: string
}

async function ended(child: ChildProcess): Promise<Ended> {
  const closed = once(child, 'close')
  const read = (stream: ChildProcess['stdout']) => (stream ? text(stream) : '')
  const [out, errors] = await Promise.all([read(child.stdout), read(child.stderr)])
  const [code] = await closed
  return { code, printed: `${out}${errors}` }
}

/** The same without a process of its own. */
async function here(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const lines: string[] = []
  const print = (line: string) => lines.push(line)
  const { signal } = new AbortController()
  const surroundings = { environment: { ...settings(), ...environment }, print, signal }
  const code = await record(words, surroundings).catch((error: unknown) => {
    print(String(error))
    return 2
  })
  return { code, printed: lines.join('\n') }
}

/** Ends a run as soon as it has made something of each kind. */
async function cut(signal: NodeJS.Signals): Promise<Ended> {
  const child = start(['kms-policies'])
  const result = ended(child)
  for (let there = before; there.length < before.length + 12; there = await whatIsThere()) {
    if (child.exitCode !== null) throw new Error(`It ended before it was cut: ${(await result).printed}`)
  }
  child.kill(signal)
  return result
}

test('Rows are asked, and what was answered is kept; nothing stays of what was made', async () => {
  const { code, printed } = await ended(start(['precedence']))
  const askable = families.precedence.scenarios.flatMap(({ rows }) => rows)
  expect(printed).toContain('KMS keys for an hour at most')
  // One row each is about a second account, which is not given.
  expect(printed).toMatch(/precedence: \d+ of \d+ rows asked, 0 not as the table says/)
  expect(code).toBe(0)
  const recording = await readRecording(join(folder, 'recordings'), 'precedence', 'rehearsal')
  expect(recording?.rows.length).toBeGreaterThan(askable.length - 10)
  const kept = await readFile(join(folder, 'recordings', 'precedence.json'), 'utf8')
  expect(kept).not.toContain(accountId)
  expect(kept).not.toMatch(/contract-[0-9a-f]{12}/)
  expect(await readdir(join(folder, 'journals'))).toEqual([])
  expect(await whatIsThere()).toEqual(before)
})

test('Ctrl-C in the middle takes everything away, and keeps nothing', async () => {
  const { code, printed } = await cut('SIGINT')
  expect(printed).toContain('Stopping: what was made is taken away')
  expect(printed).toContain('kms-policies: stopped; nothing is recorded, and everything is taken away')
  expect(code).toBe(130)
  expect(await readdir(folder)).not.toContain('recordings')
  expect(await readdir(join(folder, 'journals'))).toEqual([])
  expect(await whatIsThere()).toEqual(before)
})

test('What a run left that was killed is taken away by --clean, and nothing else', async () => {
  await cut('SIGKILL')
  expect(unfinishedRuns(join(folder, 'journals'))).toHaveLength(1)
  const refused = await here(['precedence'])
  expect(refused.printed).toMatch(
    /Something may be left of contract-[0-9a-f]{12} of .*: npm run contract -- --clean takes/,
  )
  expect(refused.code).toBe(2)
  const elsewhere = await here(['--clean'], { S3KMS_TEST_AWS_ACCOUNT: '123456789012' })
  expect(elsewhere.printed).toContain('nothing was done')
  const { code, printed } = await here(['--clean'])
  expect(printed).toMatch(/contract-[0-9a-f]{12}: taken away/)
  expect(code).toBe(0)
  expect(await readdir(join(folder, 'journals'))).toEqual([])
  expect(await whatIsThere()).toEqual(before)
})

test.each([
  ['no account named', { S3KMS_TEST_AWS_ACCOUNT: '' }, [], `Set S3KMS_TEST_AWS_ACCOUNT to ${accountId} if`],
  ['another account', { S3KMS_TEST_AWS_ACCOUNT: '123456789012' }, [], 'nothing was done'],
  [
    'too little money',
    { S3KMS_TEST_AWS_MOST_DOLLARS: '0.01' },
    [],
    'S3KMS_TEST_AWS_MOST_DOLLARS is 0.01: nothing was done',
  ],
  ['another endpoint', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, [], 'AWS_ENDPOINT_URL is set'],
  ['no such family', {}, ['sqs-policies'], 'sqs-policies is no family; there are s3-policies, '],
])('With %s nothing is done', async (_, environment, words, told) => {
  const { code, printed } = await here(words, environment)
  expect(printed).toContain(told)
  expect(code).toBe(2)
  expect(await whatIsThere()).toEqual(before)
})

test('Without credentials, and with another target, nothing is done', async () => {
  const withoutCredentials = await ended(start([], {}))
  expect(withoutCredentials.printed).toContain('There are no credentials')
  expect(withoutCredentials.code).toBe(2)
  const elsewhere = await ended(start([], { S3KMS_TEST_TARGET: 'gcp' }))
  expect(elsewhere.printed).toContain('S3KMS_TEST_TARGET is emulator or aws, not gcp')
  expect(elsewhere.code).toBe(1)
  expect(await whatIsThere()).toEqual(before)
})
