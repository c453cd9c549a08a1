import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { explain } from '../src/cli/explain.ts'
import { keys } from '../src/cli/keys.ts'
import { reset } from '../src/cli/reset.ts'
import { seed } from '../src/cli/seed.ts'
import { trail } from '../src/cli/trail.ts'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'

/* The commands that ask a running emulator, and what asking must not do to it. */

let journey: Journey

beforeAll(async () => {
  journey = await startJourney({
    fixtures: [fileURLToPath(new URL('../fixtures/permissions.yaml', import.meta.url))],
  })
})

afterAll(() => journey.stop())

type Command<Flags> = (
  flags: Flags,
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
) => Promise<number>

/** What a command prints. */
async function printed<Flags>(command: Command<Flags>, flags: Flags): Promise<string> {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  const code = await command({ endpoint: journey.endpoint, ...flags }, {}, () => journey.ambient.now(), write)
  expect(code).toBe(0)
  return text
}

const trailCommand: Command<object> = (flags, environment, now, write) => trail(flags, environment, { now, write })

test('keys shows also a key that refuses everybody, and leaves no trace in the trail and in explain', async () => {
  const Principal = { AWS: `arn:aws:iam::${accountId}:role/nobody-else` }
  const statement = { Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }
  const { KeyMetadata } = await journey.kms.send(
    new CreateKeyCommand({
      Description: 'closed',
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
      BypassPolicyLockoutSafetyCheck: true,
    }),
  )
  const KeyId = KeyMetadata?.KeyId ?? ''
  expect(await failureOf(journey.kms.send(new DescribeKeyCommand({ KeyId })))).toMatchObject({
    code: 'AccessDeniedException',
  })
  const open = await journey.createKey()
  await journey.kms.send(new CreateAliasCommand({ AliasName: 'alias/open', TargetKeyId: open }))
  await journey.kms.send(new EncryptCommand({ KeyId: 'alias/open', Plaintext: Buffer.from('x') }))
  // The program asks whose its access key is, as others do: that alone is told.
  const told = async () => (await journey.records()).filter(({ eventName }) => eventName !== 'GetCallerIdentity')
  const before = await told()
  const text = await printed(keys, {})
  expect(text).toMatch(new RegExp(`^- +${KeyId} +Enabled +SYMMETRIC_DEFAULT +CUSTOMER +closed$`, 'm'))
  expect(text).toMatch(/^alias\/open +/m)
  expect(JSON.parse(await printed(keys, { json: true }))).toContainEqual(
    expect.objectContaining({ Arn: open, Aliases: ['alias/open'], KeyState: 'Enabled' }),
  )
  expect(await printed(trailCommand, { key: 'alias/open' })).toContain('CreateAlias')
  expect(await told()).toHaveLength(before.length)
  const explainLast: Command<object> = (...rest) => explain('last', ...rest)
  expect(await printed(explainLast, {})).toMatch(/^Encrypt: done/)
})

test('keys of another account and Region are its own', async () => {
  expect(await printed(keys, { region: 'eu-north-1' })).toBe('no keys\n')
})

test('seed makes what files declare, whose texts it reads where it is asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seed-'))
  await writeFile(join(folder, 'body.txt'), 'from a file')
  await writeFile(join(folder, 'a.json'), JSON.stringify({ buckets: [{ name: 'of-files' }] }))
  await writeFile(join(folder, 'b.yaml'), 'objects: [{ bucket: of-files, key: text, file: body.txt }]')
  const seedFiles: Command<object> = (...rest) => seed([join(folder, 'a.json'), join(folder, 'b.yaml')], ...rest)
  expect(await printed(seedFiles, {})).toBe('bucket of-files: made\nobject of-files/text: made\n')
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket: 'of-files', Key: 'text' }))
  expect(await Body?.transformToString()).toBe('from a file')
  await writeFile(join(folder, 'body.txt'), Buffer.from([0xff]))
  await expect(printed(seedFiles, {})).rejects.toThrow('body.txt is no text')
  await rm(folder, { recursive: true })
})

test('reset empties the emulator, and with fixtures applies them again', async () => {
  expect(await printed(reset, {})).toBe('reset\n')
  expect(await printed(keys, {})).toBe('no keys\n')
  const report = await printed(reset, { fixtures: true })
  expect(report).toMatch(/^reset\nprincipal .*: made$/m)
  expect(await printed(keys, {})).toContain('alias/')
})
