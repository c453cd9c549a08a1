import { expect, test } from '@jest/globals'
import { valueSet } from './value-set.ts'

/* Model order → the order in AWS's recorded refusals. */

test.each([
  [
    'RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 SYMMETRIC_DEFAULT HMAC_224 HMAC_256 HMAC_384 HMAC_512',
    'RSA_2048 ECC_NIST_P384 ECC_NIST_P256 ECC_NIST_P521 HMAC_384 RSA_3072 ECC_SECG_P256K1 RSA_4096 SYMMETRIC_DEFAULT HMAC_256 HMAC_224 HMAC_512',
  ],
  ['HMAC_SHA_224 HMAC_SHA_256 HMAC_SHA_384 HMAC_SHA_512', 'HMAC_SHA_384 HMAC_SHA_256 HMAC_SHA_224 HMAC_SHA_512'],
  ['AES_256 AES_128', 'AES_256 AES_128'],
])('The values %s are shown as AWS shows them', (values, shown) => {
  expect(valueSet(values.split(' ')).join(' ')).toBe(shown)
})
