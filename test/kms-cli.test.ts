import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { awsEnvironment, findProgram, run } from './clients/programs.ts'
import { type Journey, startJourney } from './emulator.ts'

/** Envelope encryption as the AWS CLI's users do it: KMS gives a data key, the file is encrypted with it at home. */

const aws = findProgram('aws')
if (!aws) console.warn('skipped: no AWS CLI on the PATH')
// Python takes most of a second to start.
const describeCli = aws ? describe : describe.skip

let journey: Journey
let folder: string

async function cli(...parameters: string[]) {
  return run(aws ?? '', parameters, { cwd: folder, env: awsEnvironment(journey, folder) })
}

async function answer(...parameters: string[]) {
  const { code, stdout, stderr } = await cli(...parameters)
  if (code !== 0) throw new Error(`aws ${parameters.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout || '{}')
}

describeCli('aws kms', () => {
  beforeAll(async () => {
    journey = await startJourney()
    folder = await mkdtemp(join(tmpdir(), 's3kms-envelope-'))
    const { KeyMetadata } = await answer('kms', 'create-key', '--description', 'envelopes')
    await answer('kms', 'create-alias', '--alias-name', 'alias/envelope', '--target-key-id', KeyMetadata.KeyId)
  })

  afterAll(async () => {
    await journey?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  test('generate-data-key, encrypt a file, forget the key, and decrypt it again', async () => {
    const context = ['--encryption-context', 'purpose=envelope']
    const made = await answer(
      'kms',
      'generate-data-key',
      '--key-id',
      'alias/envelope',
      '--key-spec',
      'AES_256',
      ...context,
    )
    const file = randomBytes(100_000)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(made.Plaintext, 'base64'), nonce)
    const body = Buffer.concat([cipher.update(file), cipher.final()])
    await writeFile(join(folder, 'data-key'), Buffer.from(made.CiphertextBlob, 'base64'))
    await writeFile(join(folder, 'file.encrypted'), Buffer.concat([nonce, cipher.getAuthTag(), body]))

    const opened = await answer('kms', 'decrypt', '--ciphertext-blob', 'fileb://data-key', ...context)
    expect(opened).toMatchObject({ KeyId: made.KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
    const stored = await readFile(join(folder, 'file.encrypted'))
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(opened.Plaintext, 'base64'), stored.subarray(0, 12))
    decipher.setAuthTag(stored.subarray(12, 28))
    expect(Buffer.concat([decipher.update(stored.subarray(28)), decipher.final()]).equals(file)).toBe(true)

    const other = await cli('kms', 'decrypt', '--ciphertext-blob', 'fileb://data-key', '--encryption-context', 'a=b')
    expect(other.code).not.toBe(0)
    expect(other.stderr).toContain('InvalidCiphertextException')
  })

  test('encrypt and decrypt a file through KMS itself', async () => {
    await writeFile(join(folder, 'secret'), 'a secret')
    const sealed = await answer('kms', 'encrypt', '--key-id', 'alias/envelope', '--plaintext', 'fileb://secret')
    await writeFile(join(folder, 'sealed'), Buffer.from(sealed.CiphertextBlob, 'base64'))
    const opened = await answer('kms', 'decrypt', '--ciphertext-blob', 'fileb://sealed')
    expect(Buffer.from(opened.Plaintext, 'base64').toString()).toBe('a secret')
  })

  test('generate-mac and verify-mac', async () => {
    const usage = ['--key-spec', 'HMAC_256', '--key-usage', 'GENERATE_VERIFY_MAC']
    const { KeyMetadata } = await answer('kms', 'create-key', ...usage)
    await writeFile(join(folder, 'message'), 'hello')
    const common = ['--key-id', KeyMetadata.KeyId, '--message', 'fileb://message', '--mac-algorithm', 'HMAC_SHA_256']
    const { Mac } = await answer('kms', 'generate-mac', ...common)
    await writeFile(join(folder, 'mac'), Buffer.from(Mac, 'base64'))
    expect(await answer('kms', 'verify-mac', ...common, '--mac', 'fileb://mac')).toMatchObject({ MacValid: true })
  })

  test('enable-key-rotation with a period, and what get-key-rotation-status says of it', async () => {
    const KeyId = await journey.createKey()
    await answer('kms', 'enable-key-rotation', '--key-id', KeyId, '--rotation-period-in-days', '180')
    const status = await answer('kms', 'get-key-rotation-status', '--key-id', KeyId)
    expect(status).toMatchObject({ KeyId, KeyRotationEnabled: true, RotationPeriodInDays: 180 })
  })
})
