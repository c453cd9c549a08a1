import { CreateKeyCommand, GenerateMacCommand, VerifyMacCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

const Message = Buffer.from('a token’s claims')
let journey: Journey
let KeyId: string

beforeAll(async () => {
  journey = await startJourney()
  const usage = { KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' } as const
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand(usage))
  KeyId = KeyMetadata?.Arn ?? ''
  expect(KeyMetadata?.MacAlgorithms).toEqual(['HMAC_SHA_384'])
})

afterAll(() => journey.stop())

test('a MAC is generated and verified; a changed message is an error', async () => {
  const MacAlgorithm = 'HMAC_SHA_384' as const
  const { Mac } = await journey.kms.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))
  expect(Mac).toHaveLength(48)
  const verified = await journey.kms.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac }))
  expect(verified).toMatchObject({ KeyId, MacValid: true, MacAlgorithm })
  const changed = new VerifyMacCommand({ KeyId, Message: Buffer.from('others'), MacAlgorithm, Mac })
  expect(await failureOf(journey.kms.send(changed))).toMatchObject({ code: 'KMSInvalidMacException', status: 400 })
})

test('another length of HMAC than the key’s is refused', async () => {
  const input = { KeyId, Message, MacAlgorithm: 'HMAC_SHA_512' } as const
  expect(await failureOf(journey.kms.send(new GenerateMacCommand(input)))).toMatchObject({
    code: 'InvalidKeyUsageException',
    message: 'Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_384.',
  })
})
