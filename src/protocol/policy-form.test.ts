import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { authenticatePolicyForm } from './policy-form.ts'
import { signingKey } from './signature-v4.ts'
import { caller, credentials, example } from './signing.fixture.ts'

const options = { credentials, now: 0, region: 'eu-west-1' }
const policy = Buffer.from('{"expiration":"2015-12-30T12:00:00.000Z","conditions":[]}').toString('base64')
const scope = { date: '20151229', region: 'us-east-1', service: 's3' }
const formV4 = {
  key: 'user/user1/a',
  policy,
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': `${example.accessKeyId}/20151229/us-east-1/s3/aws4_request`,
  'x-amz-date': '20151229T000000Z',
  'x-amz-signature': createHmac('sha256', signingKey(example.secretAccessKey, scope)).update(policy).digest('hex'),
}

function refusal(fields: Record<string, string>): Partial<AwsError> {
  try {
    authenticatePolicyForm(fields, options)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { code: error.code, message: error.message, details: error.details }
  }
  return {}
}

test('A form signed with SigV4 or SigV2 is proven over its policy', () => {
  expect(authenticatePolicyForm(formV4, options)).toMatchObject({
    caller,
    signature: 'SigV4',
    method: 'PostForm',
    region: 'us-east-1',
  })
  const signature = createHmac('sha1', example.secretAccessKey).update(policy).digest('base64')
  const formV2 = { policy, awsaccesskeyid: example.accessKeyId, signature }
  expect(authenticatePolicyForm(formV2, options)).toMatchObject({ caller, signature: 'SigV2', region: 'eu-west-1' })
  for (const form of [formV4, formV2])
    expect(refusal({ ...form, policy: `${policy}=` }).code).toBe('SignatureDoesNotMatch')
})

test('A form without a field of a signature is anonymous, with a policy too', () => {
  expect(authenticatePolicyForm({ key: 'k' }, options).caller.type).toBe('Anonymous')
  expect(authenticatePolicyForm({ policy }, options).caller.type).toBe('Anonymous')
})

test('Each field that is missing is named', () => {
  for (const name of ['X-Amz-Signature', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'Policy']) {
    const fields = Object.fromEntries(Object.entries(formV4).filter(([found]) => found !== name.toLowerCase()))
    expect(refusal(fields)).toMatchObject({
      code: 'InvalidArgument',
      message: `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      details: { ArgumentName: name },
    })
  }
})

test('A form by nobody, or with a bad credential, is refused', () => {
  const credential = formV4['x-amz-credential']
  expect(refusal({ ...formV4, 'x-amz-credential': credential.replace(example.accessKeyId, 'nobody') }).code).toBe(
    'InvalidAccessKeyId',
  )
  expect(refusal({ ...formV4, 'x-amz-credential': 'x' }).code).toBe('AuthorizationQueryParametersError')
  expect(refusal({ ...formV4, 'x-amz-date': 'x' }).code).toBe('AuthorizationQueryParametersError')
})

const formV2 = {
  policy,
  awsaccesskeyid: example.accessKeyId,
  signature: createHmac('sha1', example.secretAccessKey).update(policy).digest('base64'),
}

test('Each field that is missing of a SigV2 form is named', () => {
  for (const name of ['Policy', 'Signature', 'AWSAccessKeyId']) {
    const fields = { ...formV2, [name.toLowerCase()]: '' }
    expect(refusal(fields)).toMatchObject({
      code: 'InvalidArgument',
      details: { ArgumentName: name, ArgumentValue: '' },
    })
  }
  expect(refusal({ policy, awsaccesskeyid: example.accessKeyId }).details?.ArgumentName).toBe('Signature')
  expect(refusal({ policy, signature: formV2.signature }).details?.ArgumentName).toBe('AWSAccessKeyId')
})

test('One field of SigV4 makes a form one of SigV4', () => {
  for (const name of ['x-amz-signature', 'x-amz-credential', 'x-amz-algorithm'] as const) {
    const fields = { ...formV2, [name]: formV4[name] }
    expect(refusal(fields).details?.ArgumentName).toMatch(/^X-Amz-/)
  }
  expect(refusal({ ...formV2, 'x-amz-date': formV4['x-amz-date'] })).toEqual({})
})

test('A SigV4 form has S3’s words for what is wrong with it', () => {
  const message = (fields: Record<string, string>) => refusal({ ...formV4, ...fields }).message
  expect(message({ 'x-amz-algorithm': 'AWS4-HMAC-SHA1' })).toBe(
    'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"',
  )
  expect(message({ 'x-amz-date': '2015-12-29' })).toBe(
    `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`,
  )
  expect(message({ 'x-amz-date': '20151230T000000Z' })).toBe(
    'Invalid credential date "20151229". This date is not the same as X-Amz-Date: "20151230".',
  )
  expect(message({ 'x-amz-credential': 'x' })).toBe(
    'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  )
})

test('A form signed by temporary credentials has their token', () => {
  const signature = createHmac('sha1', 'temporary').update(policy).digest('base64')
  const fields = { policy, awsaccesskeyid: 'ASIATEMPORARY', signature }
  expect(refusal(fields).code).toBe('InvalidToken')
  expect(refusal({ ...fields, 'x-amz-security-token': 'token+/=' })).toEqual({})
  expect(authenticatePolicyForm({ policy, awsaccesskeyid: 'unknown', signature: 'x' }, options)).toMatchObject({
    caller: { userName: 'unknown' },
    method: 'PostForm',
    payload: { coding: 'unsigned' },
  })
})

test('A form that nobody signed is of the emulator’s own Region', () => {
  expect(authenticatePolicyForm({ key: 'k' }, options)).toMatchObject({
    signature: 'none',
    method: 'none',
    region: 'eu-west-1',
    payload: { coding: 'unsigned' },
  })
})
