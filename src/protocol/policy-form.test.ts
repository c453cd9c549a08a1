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

test('A form without a signature is anonymous, unless it has a policy', () => {
  expect(authenticatePolicyForm({ key: 'k' }, options).caller.type).toBe('Anonymous')
  expect(refusal({ policy }).code).toBe('InvalidArgument')
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
