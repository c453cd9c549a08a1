import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { startEmulator } from '../emulator.ts'
import { type EmulatorOptions, OptionFault } from '../options.ts'
import { startSettings } from './compatible/start-settings.ts'
import { inWordsOfGiver } from './setting-words.ts'

/** What is told of a start that fails. */
async function told(flags: object, environment: NodeJS.ProcessEnv): Promise<unknown> {
  const { settings, labelOf } = await startSettings({ ephemeral: true, ...flags }, environment)
  const started = startEmulator({ ...settings, logLevel: 'silent' } satisfies EmulatorOptions)
  return started.then(
    () => 'it started',
    (error) => inWordsOfGiver(error, labelOf),
  )
}

const isElsewhere = 'is not an address of this machine'

test.each([
  [{ port: '0', host: '192.0.2.1' }, {}, `--host: 192.0.2.1 ${isElsewhere}`],
  [{ port: '0' }, { S3KMS_HOST: '192.0.2.1' }, `S3KMS_HOST: 192.0.2.1 ${isElsewhere}`],
  [{}, { GATEWAY_LISTEN: '192.0.2.1:0' }, `GATEWAY_LISTEN: 192.0.2.1 ${isElsewhere}`],
  [{ host: '192.0.2.1' }, { GATEWAY_LISTEN: '127.0.0.1:0' }, `--host: 192.0.2.1 ${isElsewhere}`],
  [{ port: '0' }, { S3KMS_ALSO_LISTEN: '192.0.2.1:0' }, `S3KMS_ALSO_LISTEN: 192.0.2.1 ${isElsewhere}`],
  [{ port: '0' }, { S3KMS_HOST: 'nowhere.invalid' }, 'S3KMS_HOST: nowhere.invalid cannot be resolved (E'],
  [{ port: '0' }, { S3KMS_ROOT_KEY_FILE: '/none' }, 'S3KMS_ROOT_KEY_FILE /none cannot be read (ENOENT)'],
  [{ port: '0', rootKeyFile: '/none' }, {}, '--root-key-file /none cannot be read (ENOENT)'],
  [{ port: '0' }, { S3KMS_ROOT_KEY: 'secret' }, 'S3KMS_ROOT_KEY must hold 32 bytes as base64 or 64 hex digits'],
  [{ port: '0' }, { S3KMS_CERT: '/none', S3KMS_KEY: '/none' }, 'S3KMS_CERT /none cannot be read (ENOENT)'],
])('%j and %j: a setting is named as it was given', async (flags, environment, words) => {
  expect(String(await told(flags, environment))).toContain(`Error: ${words}`)
})

test('A port in use is named by what asked for it', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const inUse = (label: string) => ({
    message: `port ${port} on 127.0.0.1 is in use: choose another with ${label} (0 picks a free one)`,
  })
  expect(await told({}, { S3KMS_PORT: `${port}` })).toMatchObject(inUse('S3KMS_PORT'))
  expect(await told({ port: '0', kmsPort: `${port}` }, {})).toMatchObject(inUse('--kms-port'))
  expect(await told({ port: '0', consolePort: `${port}` }, {})).toMatchObject(inUse('--console-port'))
  other.close()
})

test('What was asked wrongly stays that, and anything else is left as it is', async () => {
  expect(await told({ port: '0', rootKeyFile: '/none' }, {})).toBeInstanceOf(OptionFault)
  const other = new Error('something else')
  expect(inWordsOfGiver(other, String)).toBe(other)
})
