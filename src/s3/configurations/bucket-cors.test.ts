import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

function put(rules: string) {
  const body = `<CORSConfiguration>${rules}</CORSConfiguration>`
  return s3.call('PUT', '/bucket?cors', {
    body,
    headers: { 'content-md5': createHash('md5').update(body).digest('base64') },
  })
}

/** A rule that S3 takes, with more elements. */
const rule = (more = '') =>
  `<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://a.test</AllowedOrigin>${more}</CORSRule>`

test('A configuration is put, read as it was sent, replaced as a whole and deleted', async () => {
  const absent = await s3.call('GET', '/bucket?cors')
  expect(absent.status).toBe(404)
  expect(await absent.xml('Error')).toMatchObject({
    Code: 'NoSuchCORSConfiguration',
    Message: 'The CORS configuration does not exist',
    BucketName: 'bucket',
  })
  const whole =
    '<CORSRule><ID>first</ID><AllowedHeader>X-Amz-Meta-*</AllowedHeader><AllowedHeader>Content-Type</AllowedHeader>' +
    '<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://*.a.test</AllowedOrigin>' +
    '<AllowedOrigin></AllowedOrigin><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>-1</MaxAgeSeconds></CORSRule>'
  const done = await put(whole + rule())
  expect([done.status, done.text]).toEqual([200, ''])
  const { CORSRule } = await (await s3.call('GET', '/bucket?cors')).xml('CORSConfiguration')
  expect(CORSRule).toEqual([
    {
      ID: 'first',
      AllowedHeader: ['X-Amz-Meta-*', 'Content-Type'],
      AllowedMethod: ['PUT', 'GET'],
      AllowedOrigin: ['https://*.a.test', ''],
      ExposeHeader: 'ETag',
      MaxAgeSeconds: '-1',
    },
    { AllowedMethod: 'GET', AllowedOrigin: 'https://a.test' },
  ])
  await put(rule())
  expect((await (await s3.call('GET', '/bucket?cors')).xml('CORSConfiguration')).CORSRule).toMatchObject({
    AllowedOrigin: 'https://a.test',
  })
  for (let time = 0; time < 2; time++) expect((await s3.call('DELETE', '/bucket?cors')).status).toBe(204)
  expect((await s3.call('GET', '/bucket?cors')).code).toBe('NoSuchCORSConfiguration')
})

test.each([
  ['no rule', ''],
  ['a rule without a method', '<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>'],
  ['a rule without an origin', '<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>'],
  ['an age that is no number', rule('<MaxAgeSeconds>soon</MaxAgeSeconds>')],
  ['an element that is none', rule('<AllowedPath>/</AllowedPath>')],
  ['an ID of 256 characters', rule(`<ID>${'i'.repeat(256)}</ID>`)],
])('%s is MalformedXML', async (_, rules) => {
  expect(await put(rules)).toMatchObject({ status: 400, code: 'MalformedXML' })
})

const unsupported = (method: string) => `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`

test.each([
  ['<AllowedMethod>OPTIONS</AllowedMethod>', unsupported('OPTIONS')],
  ['<AllowedMethod>get</AllowedMethod>', unsupported('get')],
  ['<AllowedOrigin>http://*.a.*</AllowedOrigin>', 'AllowedOrigin "http://*.a.*" can not have more than one wildcard.'],
  ['<AllowedHeader>x-*-*</AllowedHeader>', 'AllowedHeader "x-*-*" can not have more than one wildcard.'],
  ['<AllowedHeader>x y</AllowedHeader>', 'AllowedHeader "x y" contains invalid character.'],
  ['<ExposeHeader>x:y</ExposeHeader>', 'ExposeHeader "x:y" contains invalid character.'],
  [
    '<ExposeHeader>x-amz-*</ExposeHeader>',
    'ExposeHeader "x-amz-*" contains wildcard. We currently do not support wildcard for ExposeHeader.',
  ],
])('%s is an InvalidRequest', async (element, message) => {
  const refused = await put(rule(element))
  expect(refused).toMatchObject({ status: 400, code: 'InvalidRequest' })
  expect((await refused.xml('Error')).Message).toBe(message)
  expect((await s3.call('GET', '/bucket?cors')).code).toBe('NoSuchCORSConfiguration')
})

test('A bucket takes a hundred rules and no more, in 64 KiB and no more', async () => {
  expect((await put(rule().repeat(100))).status).toBe(200)
  const many = await put(rule().repeat(101))
  expect(await many.xml('Error')).toMatchObject({
    Code: 'InvalidRequest',
    Message: 'The number of CORS rules should not exceed allowed limit of 100 rules.',
  })
  const large = await put(rule(`<AllowedOrigin>${'a'.repeat(64 << 10)}</AllowedOrigin>`))
  expect(await large.xml('Error')).toMatchObject({
    Code: 'MaxMessageLengthExceeded',
    MaxMessageLengthBytes: '65536',
  })
})

test('The body is proven by Content-MD5 or a checksum', async () => {
  const body = `<CORSConfiguration>${rule()}</CORSConfiguration>`
  expect((await s3.call('PUT', '/bucket?cors', { body })).code).toBe('InvalidRequest')
})
