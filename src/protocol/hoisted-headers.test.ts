import { expect, test } from '@jest/globals'
import { headersOf } from './presigned.ts'
import { callOf } from './signing.fixture.ts'

const signed = 'X-Amz-Signature=0'

test.each([
  'x-amz-acl',
  'X-Amz-Meta-A',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
  'x-amz-checksum-algorithm',
  'x-amz-sdk-checksum-algorithms',
  'x-amz-security-token',
])('The parameter %s of a signed URL stands for a header', (name) => {
  expect(headersOf(callOf('PUT', `/b/k?${signed}&${name}=v`))).toEqual({ [name.toLowerCase()]: 'v' })
  expect(headersOf(callOf('PUT', `/b/k?Signature=0&${name}=v`))).toEqual({ [name.toLowerCase()]: 'v' })
  expect(headersOf(callOf('PUT', `/b/k?${name}=v`))).toEqual({})
})

test.each([
  'x-amz-checksum-crc32',
  'x-amz-checksum-sha256',
  'x-amz-checksum-modern',
  'x-amz-checksum-algorithms',
  'x-amz-sdk-checksum-algorithm',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
  'prefix',
  'content-type',
  'my-x-amz-acl',
])('The parameter %s of a signed URL stands for no header', (name) => {
  expect(headersOf(callOf('PUT', `/b/k?${signed}&${name}=v`))).toEqual({})
})

test('A header that was sent stays beside a parameter of its name, and of two parameters the first counts', () => {
  const call = callOf('PUT', `/b/k?${signed}&x-amz-acl=a&x-amz-acl=b&x-amz-meta-a=c`, { 'x-amz-meta-a': 'sent' })
  expect(headersOf(call)).toEqual({ 'x-amz-acl': 'a', 'x-amz-meta-a': 'sent' })
})
