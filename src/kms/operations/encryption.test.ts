import { expect, test } from '@jest/globals'
import { openKms, refusal, stranger, symmetric } from '../kms.fixture.ts'

const Plaintext = Buffer.from('a secret')

test('Encrypt and Decrypt tell the key by its ARN, the algorithm and the material', async () => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey()
  const { CiphertextBlob, ...rest } = await call('Encrypt', { KeyId: id, Plaintext })
  expect(rest).toEqual({ KeyId: arn, EncryptionAlgorithm: symmetric })
  expect(CiphertextBlob).toHaveLength(Plaintext.length + 152)
  expect(await call('Decrypt', { CiphertextBlob })).toEqual({
    KeyId: arn,
    Plaintext,
    EncryptionAlgorithm: symmetric,
    KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test.each([
  ['nothing', {}],
  ['one letter changed', { tenant: 'b' }],
  ['another case', { Tenant: 'a' }],
  ['one pair more', { tenant: 'a', other: '' }],
])('Decrypt refuses a different EncryptionContext: %s', async (_, EncryptionContext) => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const sealed = await call('Encrypt', { KeyId: id, Plaintext, EncryptionContext: { tenant: 'a' } })
  const outcome = await refusal(call('Decrypt', { CiphertextBlob: sealed.CiphertextBlob, EncryptionContext }))
  expect(outcome).toBe('InvalidCiphertextException: ')
})

test('Decrypt with another key than the ciphertext names is an IncorrectKeyException', async () => {
  const { call, createKey } = await openKms()
  const [right, wrong] = [await createKey(), await createKey()]
  const { CiphertextBlob } = await call('Encrypt', { KeyId: right.id, Plaintext })
  expect(await call('Decrypt', { CiphertextBlob, KeyId: right.arn })).toMatchObject({ Plaintext })
  expect(await refusal(call('Decrypt', { CiphertextBlob, KeyId: wrong.id }))).toBe(
    'IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.',
  )
})

test('The event of an IncorrectKeyException names the key that was asked', async () => {
  const { call, createKey, events } = await openKms()
  const [right, wrong] = [await createKey(), await createKey()]
  const { CiphertextBlob } = await call('Encrypt', { KeyId: right.id, Plaintext })
  await refusal(call('Decrypt', { CiphertextBlob, KeyId: wrong.id }))
  const [event] = await events()
  expect(event).toMatchObject({ errorCode: 'IncorrectKeyException', resources: [{ ARN: wrong.arn }] })
})

test('Whether a key is the one of a ciphertext is told to nobody who may not use it', async () => {
  const { call, createKey } = await openKms()
  const [right, wrong] = [await createKey(), await createKey()]
  const { CiphertextBlob } = await call('Encrypt', { KeyId: right.id, Plaintext })
  const asked = [wrong, right].map(({ arn }) => call('Decrypt', { CiphertextBlob, KeyId: arn }, { caller: stranger }))
  for (const answer of asked) expect(await refusal(answer)).toContain('AccessDeniedException')
})

test('Decrypt refuses bytes that are no ciphertext, and a changed one', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  const changed = Buffer.from(CiphertextBlob as Uint8Array)
  changed[140] = (changed[140] ?? 0) ^ 1
  for (const blob of [changed, Buffer.from('garbage')]) {
    expect(await refusal(call('Decrypt', { CiphertextBlob: blob }))).toBe('InvalidCiphertextException: ')
  }
})

test('a ciphertext of another Region refers to no key here', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext })
  const outcome = await refusal(call('Decrypt', { CiphertextBlob }, { region: 'eu-west-1' }))
  expect(outcome).toBe(
    'AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  )
})

test('ReEncrypt moves a ciphertext to another key and context, and the trail shows both', async () => {
  const { call, createKey, events } = await openKms()
  const [from, to] = [await createKey(), await createKey()]
  const { CiphertextBlob } = await call('Encrypt', { KeyId: from.id, Plaintext, EncryptionContext: { a: '1' } })
  const input = {
    CiphertextBlob,
    SourceEncryptionContext: { a: '1' },
    DestinationKeyId: to.id,
    DestinationEncryptionContext: { b: '2' },
  }
  const moved = await call('ReEncrypt', input)
  expect(moved).toMatchObject({ SourceKeyId: from.arn, KeyId: to.arn, SourceEncryptionAlgorithm: symmetric })
  const [event] = await events()
  expect(event?.resources?.map(({ ARN }) => ARN)).toEqual([from.arn, to.arn])
  const opened = await call('Decrypt', { CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: '2' } })
  expect(opened).toMatchObject({ KeyId: to.arn, Plaintext })
  const wrong = await refusal(call('ReEncrypt', { ...input, SourceEncryptionContext: {} }))
  expect(wrong).toBe('InvalidCiphertextException: ')
})

test.each([
  [{ KeySpec: 'AES_256' }, 32],
  [{ KeySpec: 'AES_128' }, 16],
  [{ NumberOfBytes: 24 }, 24],
])('GenerateDataKey with %j gives %i bytes and their ciphertext', async (wanted, length) => {
  const { call, createKey } = await openKms()
  const { id, arn } = await createKey()
  const made = await call('GenerateDataKey', { KeyId: id, ...wanted })
  expect(made).toMatchObject({ KeyId: arn, KeyMaterialId: expect.any(String) })
  expect(made.Plaintext).toHaveLength(length)
  expect(await call('Decrypt', { CiphertextBlob: made.CiphertextBlob })).toMatchObject({ Plaintext: made.Plaintext })
  const without = await call('GenerateDataKeyWithoutPlaintext', { KeyId: id, ...wanted })
  expect(without.Plaintext).toBeUndefined()
  expect(without.CiphertextBlob).toHaveLength(length + 152)
})

test.each([[{}], [{ KeySpec: 'AES_256', NumberOfBytes: 32 }]])('GenerateDataKey refuses %j', async (wanted) => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const words = 'ValidationException: Please specify either number of bytes or key spec.'
  expect(await refusal(call('GenerateDataKey', { KeyId: id, ...wanted }))).toBe(words)
})

test.each([['RSAES_OAEP_SHA_256', 'Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.']])(
  'Encrypt refuses the algorithm %s on a symmetric key',
  async (EncryptionAlgorithm, words) => {
    const { call, createKey } = await openKms()
    const { id } = await createKey()
    const outcome = await refusal(call('Encrypt', { KeyId: id, Plaintext, EncryptionAlgorithm }))
    expect(outcome).toBe(`InvalidKeyUsageException: ${words}`)
  },
)

test('a Recipient is refused, not passed over', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const outcome = await refusal(call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256', Recipient: {} }))
  expect(outcome).toContain('UnsupportedOperationException')
})

test('GenerateRandom gives as many bytes as asked for', async () => {
  const { call } = await openKms()
  expect((await call('GenerateRandom', { NumberOfBytes: 1024 })).Plaintext).toHaveLength(1024)
  expect(await refusal(call('GenerateRandom'))).toBe('ValidationException: NumberOfBytes is required.')
  expect(await refusal(call('GenerateRandom', { NumberOfBytes: 1025 }))).toContain(
    "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
  )
})

test('Encrypt takes 1 to 4096 bytes', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  expect(await refusal(call('Encrypt', { KeyId: id, Plaintext: Buffer.alloc(4097) }))).toBe(
    "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
  )
  expect(await refusal(call('Encrypt', { KeyId: id, Plaintext: Buffer.alloc(4096) }))).toBe('no refusal')
})
