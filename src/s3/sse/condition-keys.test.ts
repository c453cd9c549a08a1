import { expect, test } from '@jest/globals'
import { encryptionConditionKeys } from './condition-keys.ts'

test('condition keys are what the request named, not what the bucket’s default gave', () => {
  expect(encryptionConditionKeys({})).toEqual({})
  const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/k'
  expect(encryptionConditionKeys({ 'x-amz-server-side-encryption': 'aws:kms' }, keyArn)).toEqual({
    's3:x-amz-server-side-encryption': ['aws:kms'],
    's3:x-amz-server-side-encryption-aws-kms-key-id': [keyArn],
  })
})

test('of a customer’s key policies see the algorithm alone', () => {
  const headers = {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key': 'secret',
    'x-amz-server-side-encryption-customer-key-md5': 'digest',
  }
  expect(encryptionConditionKeys(headers)).toEqual({
    's3:x-amz-server-side-encryption-customer-algorithm': ['AES256'],
  })
})
