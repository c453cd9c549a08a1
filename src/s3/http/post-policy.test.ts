import { expect, test } from '@jest/globals'
import { AwsError } from '../../aws/errors.ts'
import { checkPostPolicy, parsePostPolicy } from './post-policy.ts'

const expiration = '2026-01-01T00:00:00.000Z'
const now = Date.parse(expiration) - 1000

const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64')
const policyOf = (...conditions: unknown[]) => parsePostPolicy(encode({ expiration, conditions }))

function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof AwsError) return `${error.status} ${error.code}: ${error.message}`
    throw error
  }
  return 'none'
}

const verdict = (conditions: unknown[], fields: Record<string, string>, at = now) =>
  refusal(() => checkPostPolicy(policyOf(...conditions), fields, at))

test('Every condition must hold: exactly, or by the beginning', () => {
  const conditions = [{ bucket: 'b' }, ['starts-with', '$key', 'user/'], ['eq', '$acl', 'private']]
  const fields = { bucket: 'b', key: 'user/a', acl: 'private' }
  expect(verdict(conditions, fields)).toBe('none')
  const failed = '403 AccessDenied: Invalid according to Policy: Policy Condition failed:'
  expect(verdict(conditions, { ...fields, bucket: 'c' })).toBe(`${failed} ["eq", "$bucket", "b"]`)
  expect(verdict(conditions, { ...fields, key: 'other/a' })).toBe(`${failed} ["starts-with", "$key", "user/"]`)
  expect(verdict(conditions, { ...fields, acl: 'Private' })).toBe(`${failed} ["eq", "$acl", "private"]`)
})

test('A field that is asked for must be there, even where any value would do', () => {
  const failed =
    '403 AccessDenied: Invalid according to Policy: Policy Condition failed: ["starts-with", "$filename", ""]'
  expect(verdict([['starts-with', '$filename', '']], {})).toBe(failed)
  expect(verdict([['starts-with', '$filename', '']], { filename: 'any' })).toBe('none')
})

test('A field that no condition speaks of is refused, unless it cannot be signed or is to be ignored', () => {
  const exempt = {
    policy: 'p',
    'x-amz-signature': 's',
    signature: 's',
    awsaccesskeyid: 'a',
    'x-ignore-this': 'i',
  }
  expect(verdict([], exempt)).toBe('none')
  const sse = 'x-amz-server-side-encryption'
  expect(verdict([], { ...exempt, [sse]: 'aws:kms' })).toBe(
    `403 AccessDenied: Invalid according to Policy: Extra input fields: ${sse}`,
  )
  expect(verdict([['starts-with', '$X-Amz-Server-Side-Encryption', '']], { [sse]: 'aws:kms' })).toBe('none')
})

test('Each type of a list of content types must begin as asked', () => {
  const conditions = [['starts-with', '$Content-Type', 'image/']]
  expect(verdict(conditions, { 'content-type': 'image/png, image/gif' })).toBe('none')
  expect(verdict(conditions, { 'content-type': 'image/png, text/html' })).toContain('Policy Condition failed')
})

test('A policy ends', () => {
  expect(verdict([], {}, now + 1000)).toBe('none')
  expect(verdict([], {}, now + 1001)).toBe('403 AccessDenied: Invalid according to Policy: Policy expired.')
})

test('Ranges of lengths are taken together', () => {
  expect(policyOf().size).toEqual({ minimum: 0, maximum: Number.POSITIVE_INFINITY })
  const range = policyOf(['content-length-range', 1, 10], ['content-length-range', '5', 100])
  expect(range.size).toEqual({ minimum: 5, maximum: 10 })
})

test.each<[string, unknown]>([
  ['a simple condition of two properties', [{ a: '1', b: '2' }]],
  ['a simple condition of none', [{}]],
])('%s has the recorded refusal', (_, conditions) => {
  expect(refusal(() => parsePostPolicy(encode({ expiration, conditions })))).toBe(
    '400 InvalidPolicyDocument: Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
  )
})

test.each<[string, string]>([
  ['what is not base64 of JSON', '!'],
  ['a list', encode([])],
  ['null', encode(null)],
  ['no expiration', encode({ conditions: [] })],
  ['an expiration of another form', encode({ expiration: 'tomorrow', conditions: [] })],
  ['a day that is none', encode({ expiration: '2026-99-01T00:00:00Z', conditions: [] })],
  ['no conditions', encode({ expiration })],
  ['a number for a value', encode({ expiration, conditions: [{ success_action_status: 200 }] })],
  ['a condition that is a text', encode({ expiration, conditions: ['key'] })],
  ['an unknown operation', encode({ expiration, conditions: [['ends-with', '$key', 'a']] })],
  ['too few arguments', encode({ expiration, conditions: [['eq', '$key']] })],
  ['a negative length', encode({ expiration, conditions: [['content-length-range', -1, 5]] })],
])('%s is not a policy document', (_, policy) => {
  expect(refusal(() => parsePostPolicy(policy))).toMatch(/^400 InvalidPolicyDocument: Invalid Policy: /)
})

test('A condition on a field without its dollar never holds', () => {
  for (const operator of ['eq', 'starts-with']) {
    const policy = parsePostPolicy(encode({ expiration, conditions: [[operator, 'name', 'name']] }))
    expect(refusal(() => checkPostPolicy(policy, { name: 'name' }, 0))).toBe(
      `403 AccessDenied: Invalid according to Policy: Policy Condition failed: ["${operator}", "name", "name"]`,
    )
  }
})
