import { randomBytes } from 'node:crypto'
import { buildClient, CommitmentPolicy, KMS, KmsKeyringNode } from '@aws-crypto/client-node'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

let journey: Journey
let keyArn: string
let secondKeyArn: string
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  secondKeyArn = await journey.createKey()
})

afterAll(() => journey.stop())

function clientProvider(region: string) {
  const { endpoint, credentials } = journey.configuration
  return new KMS({ region, endpoint, credentials })
}

test('the AWS Encryption SDK encrypts under two keys and decrypts with either, as one of a multi-keyring', async () => {
  const plaintext = randomBytes(10_000)
  const context = { stage: 'demo', purpose: 'journey' }
  const both = new KmsKeyringNode({ clientProvider, generatorKeyId: keyArn, keyIds: [secondKeyArn] })
  const { result } = await encrypt(both, plaintext, { encryptionContext: context })
  for (const key of [keyArn, secondKeyArn]) {
    const one = new KmsKeyringNode({ clientProvider, keyIds: [key] })
    const opened = await decrypt(one, result)
    expect(Buffer.compare(opened.plaintext, plaintext)).toBe(0)
    expect(opened.messageHeader.encryptionContext).toMatchObject(context)
  }
})

test('a discovery keyring of the AWS Encryption SDK finds the key by the ARN in the message', async () => {
  const keyring = new KmsKeyringNode({ clientProvider, generatorKeyId: keyArn })
  const { result } = await encrypt(keyring, 'found', { encryptionContext: { tenant: 'a' } })
  const discovery = new KmsKeyringNode({ clientProvider, discovery: true })
  expect((await decrypt(discovery, result)).plaintext.toString()).toBe('found')
})

test('a message whose encryption context was changed is refused', async () => {
  const keyring = new KmsKeyringNode({ clientProvider, generatorKeyId: keyArn })
  const { result } = await encrypt(keyring, 'bound', { encryptionContext: { tenant: 'a' } })
  const changed = Buffer.from(result)
  const position = changed.indexOf('tenant') + 'tenant'.length + 2
  changed.writeUInt8('b'.charCodeAt(0), position)
  await expect(decrypt(new KmsKeyringNode({ clientProvider, keyIds: [keyArn] }), changed)).rejects.toThrow(
    'InvalidCiphertextException',
  )
})
