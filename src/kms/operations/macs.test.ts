import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { openKms, refusal } from '../kms.fixture.ts'

const Message = Buffer.from('hello')
const usage = { KeyUsage: 'GENERATE_VERIFY_MAC' }

test.each([
  [224, 28],
  [256, 32],
  [384, 48],
  [512, 64],
])('a MAC of an HMAC_%i key has %i bytes and is verified', async (bits, length) => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey({ KeySpec: `HMAC_${bits}`, ...usage })
  const MacAlgorithm = `HMAC_SHA_${bits}`
  const made = await call('GenerateMac', { KeyId: id, Message, MacAlgorithm })
  expect(made).toMatchObject({ KeyId: arn, MacAlgorithm })
  expect(made.Mac).toHaveLength(length)
  expect(await call('VerifyMac', { KeyId: id, Message, MacAlgorithm, Mac: made.Mac })).toEqual({
    KeyId: arn,
    MacValid: true,
    MacAlgorithm,
  })
})

test('a wrong MAC, a wrong message and a cut MAC are errors without a message', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey({ KeySpec: 'HMAC_256', ...usage })
  const MacAlgorithm = 'HMAC_SHA_256'
  const { Mac } = await call('GenerateMac', { KeyId: id, Message, MacAlgorithm })
  const mac = Mac as Buffer
  const foreign = createHmac('sha256', 'another key').update(Message).digest()
  for (const wrong of [{ Mac: foreign }, { Mac: mac.subarray(1) }, { Message: Buffer.from('hallo') }]) {
    const outcome = await refusal(call('VerifyMac', { KeyId: id, Message, MacAlgorithm, Mac, ...wrong }))
    expect(outcome).toBe('KMSInvalidMacException: ')
  }
})

test('an HMAC key says what it is, and is for nothing else', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey({ KeySpec: 'HMAC_224', ...usage })
  const { KeyMetadata } = await call('DescribeKey', { KeyId: id })
  expect(KeyMetadata).toMatchObject({ KeySpec: 'HMAC_224', MacAlgorithms: ['HMAC_SHA_224'] })
  expect(KeyMetadata).not.toMatchObject({ CurrentKeyMaterialId: expect.anything() })
  const other = await refusal(call('GenerateMac', { KeyId: id, Message, MacAlgorithm: 'HMAC_SHA_256' }))
  expect(other).toBe('InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.')
  const encrypt = await refusal(call('Encrypt', { KeyId: id, Plaintext: Message }))
  expect(encrypt).toBe(
    `InvalidKeyUsageException: ${arn} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt.`,
  )
  const symmetric = await createKey()
  const mac = await refusal(call('GenerateMac', { KeyId: symmetric.id, Message, MacAlgorithm: 'HMAC_SHA_256' }))
  expect(mac).toBe(
    `InvalidKeyUsageException: ${symmetric.arn} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac.`,
  )
})

test('DryRun of GenerateMac is refused with what would have been', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey({ KeySpec: 'HMAC_256', ...usage })
  const input = { KeyId: id, Message, MacAlgorithm: 'HMAC_SHA_256', DryRun: true }
  expect(await refusal(call('GenerateMac', input))).toContain('DryRunOperationException')
})

test('no event shows message or MAC', async () => {
  const { call, createKey, events } = await openKms()
  const { id } = await createKey({ KeySpec: 'HMAC_256', ...usage })
  const { Mac } = await call('GenerateMac', { KeyId: id, Message, MacAlgorithm: 'HMAC_SHA_256' })
  const [event] = await events()
  expect(event).toMatchObject({ requestParameters: { keyId: id, macAlgorithm: 'HMAC_SHA_256' }, readOnly: true })
  const text = JSON.stringify(event)
  for (const bytes of [Message, Mac as Buffer]) expect(text).not.toContain(bytes.toString('base64'))
})
