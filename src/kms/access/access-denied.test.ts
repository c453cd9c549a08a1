import { expect, test } from '@jest/globals'
import { anonymousCaller, type Caller } from '../../aws/caller.ts'
import type { KeyRecord } from '../keys/key.ts'
import { accountId, alice, region, stranger } from '../kms.fixture.ts'
import { accessDenied, foreignCiphertext, invisible } from './access-denied.ts'
import type { Question, Ruling } from './authorization.ts'

const key: KeyRecord = {
  ...{ keyId: 'k', accountId, region, description: '', creationDate: 0, enabled: true, policy: '', tags: [] },
  ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', keyManager: 'CUSTOMER' },
}
const noResourcePolicy = 'because no resource-based policy allows the kms:Decrypt action'
const noIdentityPolicy = 'because no identity-based policy allows the kms:Decrypt action'

function refusal(caller: Caller, because: string, more: Partial<Question> = {}): string {
  const context = { caller, region, requestId: '', clientAddress: '', userAgent: '', secure: true }
  const question: Question = { context, now: 0, action: 'kms:Decrypt', resource: 'the-arn', input: {}, key, ...more }
  const ruling: Ruling = {
    ...{ action: 'kms:Decrypt', resource: 'the-arn', allowed: false, because, isAdministrator: false, sides: {} },
  }
  return accessDenied(question, ruling).message
}

const sentence = (name: string, because: string) =>
  `User: ${name} is not authorized to perform: kms:Decrypt on resource: the-arn ${because}`

test('A refusal names caller, action, resource and what is missing', () => {
  expect(refusal(alice, noResourcePolicy)).toBe(sentence(alice.arn, noResourcePolicy))
  expect(refusal(alice, noIdentityPolicy)).toBe(sentence(alice.arn, noIdentityPolicy))
  expect(refusal(alice, noIdentityPolicy, { key: undefined })).toBe(sentence(alice.arn, noIdentityPolicy))
  expect(refusal(anonymousCaller, noIdentityPolicy, { key: undefined })).toBe(sentence('anonymous', noIdentityPolicy))
})

test('Of another account’s key a refusal tells nothing, unless the key’s own policy allows', () => {
  expect(refusal(stranger, noResourcePolicy)).toBe(invisible(stranger.arn, 'kms:Decrypt').message)
  expect(refusal(stranger, noResourcePolicy, { isNamedByCiphertext: true })).toBe(foreignCiphertext().message)
  expect(refusal(stranger, noIdentityPolicy)).toBe(sentence(stranger.arn, noIdentityPolicy))
  expect(refusal(alice, noResourcePolicy, { isNamedByCiphertext: true })).toBe(sentence(alice.arn, noResourcePolicy))
})

test('The two refusals that tell nothing are AWS’s sentences', () => {
  expect(invisible('', 'kms:Decrypt').message).toBe(
    'User: anonymous is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access',
  )
  expect(foreignCiphertext()).toMatchObject({
    code: 'AccessDeniedException',
    message:
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  })
})
