import { expect, test } from '@jest/globals'
import type { KeySpec, KeyUsage } from '../keys/key-specs.ts'
import { accountId } from '../kms.fixture.ts'
import {
  checkConstraints,
  constraintsOf,
  grantOperations,
  principalOf,
  requireFittingTerms,
  requirePrincipal,
} from './grant-terms.ts'

const keyOf = (keySpec: KeySpec, keyUsage: KeyUsage) => ({
  ...{ keyId: 'k', accountId, region: 'us-east-1', description: '', creationDate: 0, enabled: true, policy: '' },
  ...{ keySpec, keyUsage, origin: 'AWS_KMS' as const, keyManager: 'CUSTOMER' as const, tags: [] },
})
const symmetric = keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')

const always = ['CreateGrant', 'DescribeKey', 'RetireGrant']
test.each<[KeySpec, KeyUsage, string[]]>([
  [
    'SYMMETRIC_DEFAULT',
    'ENCRYPT_DECRYPT',
    [
      ...['Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext'],
      ...['GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'],
    ],
  ],
  ['RSA_2048', 'ENCRYPT_DECRYPT', ['Decrypt', 'Encrypt', 'GetPublicKey', 'ReEncryptFrom', 'ReEncryptTo']],
  ['ECC_NIST_P256', 'SIGN_VERIFY', ['GetPublicKey', 'Sign', 'Verify']],
  ['HMAC_256', 'GENERATE_VERIFY_MAC', ['GenerateMac', 'VerifyMac']],
  ['ECC_NIST_P256', 'KEY_AGREEMENT', ['DeriveSharedSecret', 'GetPublicKey']],
])('A grant on %s for %s permits its operations and no others', (keySpec, keyUsage, operations) => {
  const key = keyOf(keySpec, keyUsage)
  const fitting = [...always, ...operations]
  expect(() => requireFittingTerms(key, fitting)).not.toThrow()
  const unfit = grantOperations.filter((operation) => !fitting.includes(operation))
  for (const operation of unfit) {
    expect(() => requireFittingTerms(key, ['DescribeKey', operation])).toThrow(
      `Operations ${operation} are not supported by key spec ${keySpec} and key usage ${keyUsage}.`,
    )
  }
  expect(() => requireFittingTerms(key, unfit.slice(0, 2))).toThrow(`Operations ${unfit[0]}, ${unfit[1]} are not`)
})

test('Only symmetric encryption keys have constraints', () => {
  const constraints = { EncryptionContextEquals: { a: 'b' } }
  expect(() => requireFittingTerms(symmetric, ['Decrypt'], constraints)).not.toThrow()
  expect(() => requireFittingTerms(keyOf('RSA_2048', 'ENCRYPT_DECRYPT'), ['Decrypt'], constraints)).toThrow(
    'Only symmetric encryption keys have grants with an encryption context.',
  )
})

test.each(['EncryptionContextEquals', 'EncryptionContextSubset'])(
  '%s has 8 pairs and 384 characters at most',
  (type) => {
    const check = (pairs: Record<string, string>) => () => checkConstraints({ [type]: pairs })
    const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
    const words = 'A grant constraint has at most 8 pairs and 384 characters.'
    expect(check(pairs(8))).not.toThrow()
    expect(check(pairs(9))).toThrow(words)
    expect(check({ a: 'x'.repeat(191), b: 'x'.repeat(191) })).not.toThrow()
    expect(check({ a: 'x'.repeat(191), b: 'x'.repeat(192) })).toThrow(words)
    expect(check({ ['x'.repeat(385)]: '' })).toThrow(words)
  },
)

test('Grants to AWS’s services are not supported', () => {
  expect(() => checkConstraints({ SourceArn: '' })).toThrow(
    'SourceArn is not supported: it is for grants to AWS services.',
  )
  expect(() => checkConstraints()).not.toThrow()
  expect(() => checkConstraints({})).not.toThrow()
})

const user = `arn:aws:iam::${accountId}:user/division/a+b=c,d.e@f-g_h`
test.each([
  accountId,
  user,
  `arn:aws:iam::${accountId}:root`,
  `arn:aws:iam::${accountId}:role/r`,
  `arn:aws:sts::${accountId}:assumed-role/r/s`,
  `arn:aws:sts::${accountId}:federated-user/f`,
])('%s may be granted something', (principal) => {
  expect(() => requirePrincipal(principal)).not.toThrow()
})

test.each([
  '',
  '*',
  `${accountId}1`,
  ` ${accountId}`,
  '11112222333a',
  `x${user}`,
  `${user}*`,
  `arn:aws:iam::${accountId}:user/`,
  `arn:aws:iam::${accountId}:group/g`,
  `arn:aws:iam::${accountId}:rooted`,
  `arn:aws:s3::${accountId}:user/u`,
  `arn:aws:iam::${accountId}1:user/u`,
])('%j is no principal', (principal) => {
  expect(() => requirePrincipal(principal)).toThrow(`ARN does not refer to a valid principal: ${principal}`)
})

test('An account by its number is its root', () => {
  const root = `arn:aws:iam::${accountId}:root`
  expect([principalOf(accountId), principalOf(root), principalOf(user)]).toEqual([root, root, user])
  expect([principalOf(`${accountId}1`), principalOf(`x${accountId}`)]).toEqual([`${accountId}1`, `x${accountId}`])
})

test('A constraint without pairs is none', () => {
  const [equals, subset] = [{ EncryptionContextEquals: { a: 'b' } }, { EncryptionContextSubset: { c: '' } }]
  expect(constraintsOf()).toBeUndefined()
  expect(constraintsOf({})).toBeUndefined()
  expect(constraintsOf({ EncryptionContextEquals: {}, EncryptionContextSubset: undefined })).toBeUndefined()
  expect(constraintsOf({ ...equals, EncryptionContextSubset: {} })).toEqual(equals)
  expect(constraintsOf({ ...equals, ...subset })).toEqual({ ...equals, ...subset })
})
