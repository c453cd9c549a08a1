import { expect, test } from '@jest/globals'
import { checkPolicyDocument } from '../../kms/keys/key-policy.ts'
import { openUploadForm } from '../http/upload-form.ts'
import { readContentMd5, readSentChecksum } from './checksums.ts'
import { readMetadata } from './metadata.ts'

/* Limits count bytes of UTF-8, not characters; base64 is that of RFC 4648, with its padding and nothing else. */

test('User metadata has 2 KB of bytes', () => {
  expect(readMetadata({ 'x-amz-meta-é': 'é'.repeat(1023) }).userMetadata).toHaveProperty('é')
  const message = 'Your metadata headers exceed the maximum allowed metadata size'
  expect(() => readMetadata({ 'x-amz-meta-é': `${'é'.repeat(1023)}x` })).toThrow(message)
  expect(() => readMetadata({ 'x-amz-meta-éa': 'é'.repeat(1023) })).toThrow(message)
})

test('A key policy has 32,768 bytes', () => {
  const policyOf = (sid: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: sid, Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' }],
    })
  const left = 32_768 - policyOf('').length
  expect(() => checkPolicyDocument(policyOf('é'.repeat(left / 2)) + (left % 2 ? ' ' : ''))).not.toThrow()
  expect(() => checkPolicyDocument(policyOf('é'.repeat(left / 2 + 1)))).toThrow(
    expect.objectContaining({ code: 'LimitExceededException' }),
  )
})

test('The fields of a form have 20 KB of bytes', async () => {
  const formOf = async function* (value: string) {
    const part = (name: string, content: string) =>
      `--x\r\nContent-Disposition: form-data; ${name}\r\n\r\n${content}\r\n`
    yield Buffer.from(`${part('name="a"', value)}${part('name="file"; filename="f"', 'body')}--x--\r\n`)
  }
  const open = (value: string) => openUploadForm('multipart/form-data; boundary=x', formOf(value))
  expect((await open('é'.repeat(10_000))).fields).toHaveProperty('a')
  await expect(open('é'.repeat(10_240))).rejects.toMatchObject({ code: 'MaxPostPreDataLengthExceeded' })
})

const md5 = 'rL0Y20zC+Fzt72VPzMSk2A=='
const notBase64 = [
  'rL0Y20zC-Fzt72VPzMSk2A==',
  'rL0Y20zC+Fzt72VPzMSk2A=',
  'rL0Y20zC+Fzt72VPzMSk2A',
  'rL0Y20zC+Fzt72VPzMSk2A== ',
  'rL0Y20zC+Fzt72VPzMSk2B==',
  'rL0Y 20zC+Fzt72VPzMSk2A==',
  'rL0Y20zC+Fzt72VPzMSk2A==!',
  'acbd18db4cc2f85cedef654fccc4a4d8',
  '',
]

test('An MD5 in base64 is 16 bytes in exactly one way', () => {
  expect(readContentMd5({ 'content-md5': md5 })?.toString('hex')).toBe('acbd18db4cc2f85cedef654fccc4a4d8')
  for (const value of notBase64)
    expect(() => readContentMd5({ 'content-md5': value })).toThrow(expect.objectContaining({ code: 'InvalidDigest' }))
})

test('A checksum in base64 is its bytes in exactly one way', () => {
  const body = { length: 0, bytes: (async function* () {})(), trailers: {}, announcedTrailers: [] }
  const read = (value: string) => readSentChecksum({ 'x-amz-checksum-md5': value }, body)
  expect(read(md5)).toEqual({ algorithm: 'MD5', value: md5 })
  for (const value of notBase64) expect(() => read(value)).toThrow(expect.objectContaining({ code: 'InvalidRequest' }))
})
