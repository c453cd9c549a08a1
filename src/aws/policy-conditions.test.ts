import { expect, test } from '@jest/globals'
import { app, attached, decide, identity, key, variable } from './policy.fixture.ts'
import { evaluate } from './policy.ts'

const here = {
  ...{
    text: 'Blue',
    star: 'B*',
    blank: ' ',
    number: '10',
    date: '2026-01-01T00:00:00Z',
    epoch: '1767225600',
    flag: 'true',
    arn: key,
  },
  ...{ ip: '203.0.113.7', ip6: '2001:db8::7' },
}
const many = { many: ['a', 'b'] }
const midnight = '2026-01-01T00:00:00Z'

test.each<[string, string, string | string[], boolean]>([
  ['StringEquals', 'TEXT', ['Red', 'Blue'], true],
  ['StringEquals', 'text', 'blue', false],
  ['StringEquals', 'text', 'B*', false],
  ['StringEquals', 'star', 'B*', true],
  ['StringEqualsIgnoreCase', 'text', 'blue', true],
  ['StringNotEquals', 'text', 'Blue', false],
  ['StringNotEquals', 'text', ['Red', 'Green'], true],
  ['StringNotEqualsIgnoreCase', 'text', 'blue', false],
  ['StringLike', 'text', 'B*e', true],
  ['StringNotLike', 'text', 'B*e', false],
  ['StringEquals', 'missing', 'x', false],
  ['StringNotEquals', 'missing', 'x', true],
  ['StringEqualsIfExists', 'missing', 'x', true],
  ['StringEqualsIfExists', 'text', 'x', false],
  ['NumericEquals', 'number', '10.0', true],
  ['NumericNotEquals', 'number', '10', false],
  ['NumericLessThan', 'number', '11', true],
  ['NumericLessThan', 'number', '10', false],
  ['NumericLessThanEquals', 'number', '10', true],
  ['NumericLessThanEquals', 'number', '9', false],
  ['NumericGreaterThan', 'number', '9', true],
  ['NumericGreaterThan', 'number', '10', false],
  ['NumericGreaterThanEquals', 'number', '10', true],
  ['NumericGreaterThanEquals', 'number', '11', false],
  ['NumericLessThan', 'text', '11', false],
  ['NumericLessThan', 'number', 'many', false],
  ['NumericLessThan', 'blank', '11', false],
  ['DateEquals', 'date', '1767225600', true],
  ['DateNotEquals', 'date', '2026-01-01T00:00:00Z', false],
  ['DateNotEquals', 'date', '2026-01-01T00:00:01Z', true],
  ['DateLessThan', 'date', '2026-02-31T00:00:00Z', false],
  ['DateLessThan', 'date', '2026-01-01T00:00:01Z', true],
  ['DateLessThan', 'date', midnight, false],
  ['DateLessThanEquals', 'date', midnight, true],
  ['DateLessThanEquals', 'date', '2025-12-31T23:59:59Z', false],
  ['DateGreaterThan', 'date', '2025-12-31T23:59:59Z', true],
  ['DateGreaterThan', 'date', midnight, false],
  ['DateGreaterThanEquals', 'date', midnight, true],
  ['DateGreaterThanEquals', 'date', '2026-01-01T00:00:01Z', false],
  ['DateLessThan', 'date', 'tomorrow', false],
  ['DateEquals', 'date', '1767225600.5', false],
  ['DateLessThan', 'date', '1767225600.5', true],
  ['DateGreaterThan', 'date', '1767225599.25', true],
  ['DateGreaterThan', 'date', '99999', true],
  ['DateEquals', 'epoch', midnight, true],
  ['DateGreaterThan', 'date', '1999', true],
  ['DateLessThan', 'date', '2027', true],
  ['DateLessThan', 'date', '1767225601x', false],
  ['DateLessThan', 'date', 'x1767225601', false],
  ['DateGreaterThan', 'date', '2020-01-01T00:00:00.00000', true],
  ['DateLessThan', 'date', '12026-01-01', true],
  ['DateLessThan', 'date', '1767225601.', false],
  ['Bool', 'flag', 'True', true],
  ['Bool', 'flag', 'false', false],
  ['BinaryEquals', 'text', 'Blue', true],
  ['BinaryEquals', 'text', 'Blud', false],
  ['IpAddress', 'ip', '203.0.113.0/24', true],
  ['IpAddress', 'ip', '203.0.114.0/24', false],
  ['IpAddress', 'ip', '203.0.113.7', true],
  ['IpAddress', 'ip', '203.0.113.8', false],
  ['IpAddress', 'ip', '203.0.113.7/32', true],
  ['IpAddress', 'ip', '203.0.113.7/33', false],
  ['IpAddress', 'ip', '203.0.113.7/x', false],
  ['IpAddress', 'ip', '203.0.113.7/', false],
  ['IpAddress', 'ip', 'nonsense', false],
  ['IpAddress', 'text', '203.0.113.0/24', false],
  ['IpAddress', 'ip', '2001:db8::/32', false],
  ['IpAddress', 'ip6', '2001:db8::/32', true],
  ['IpAddress', 'ip6', '2001:db8::7/128', true],
  ['IpAddress', 'ip6', '2001:db8::8/128', false],
  ['IpAddress', 'ip6', '2001:db8::7/129', false],
  ['NotIpAddress', 'ip', '203.0.113.7', false],
  ['NotIpAddress', 'ip', '203.0.113.8', true],
  ['ArnEquals', 'arn', 'arn:aws:kms:*:111122223333:key/*', true],
  ['ArnLike', 'arn', 'arn:aws:kms:*', false],
  ['ArnLike', 'arn', 'arn:*:key/one', false],
  ['ArnLike', 'arn', '*', true],
  ['ArnLike', 'arn', '**', false],
  ['ArnLike', 'arn', 'a', false],
  ['ArnLike', 'text', 'arn:aws:kms:*:*:*', false],
  ['ArnEquals', 'arn', 'arn:aws:kms:eu-west-1:111122223333:key/one', false],
  ['ArnEquals', 'arn', ':aws:kms:us-east-1:111122223333:key/one', false],
  ['ArnNotLike', 'arn', 'arn:aws:kms:us-east-1:*:key/two', true],
  ['ArnNotEquals', 'arn', key, false],
  ['Null', 'missing', 'true', true],
  ['Null', 'text', 'false', true],
  ['Null', 'text', 'true', false],
  ['Null', 'missing', 'TRUE', true],
  ['Null', 'missing', ['false', 'true'], true],
  ['ForAllValues:StringEquals', 'many', ['a', 'b', 'c'], true],
  ['ForAllValues:StringEquals', 'many', ['a'], false],
  ['ForAllValues:StringEquals', 'missing', ['a'], true],
  ['ForAnyValue:StringEquals', 'many', ['b', 'z'], true],
  ['ForAnyValue:StringEquals', 'many', ['z'], false],
  ['ForAnyValue:StringEquals', 'missing', ['a'], false],
  ['ForAnyValue:StringNotEquals', 'missing', ['a'], false],
  ['ForAnyValue:StringNotEqualsIfExists', 'missing', ['a'], true],
  ['ForAllValues:StringNotEquals', 'missing', ['a'], true],
  ['StringNotEquals', 'many', ['a'], false],
  ['StringNotEquals', 'many', ['c'], true],
  ['ForAnyValue:StringNotEquals', 'many', ['a'], true],
  ['ForAnyValue:StringNotEquals', 'many', ['a', 'b'], false],
  ['ForAllValues:StringNotEquals', 'many', ['a'], false],
  ['ForAllValues:StringLikeIfExists', 'many', ['?'], true],
])('Condition %s of %s with %j is %s', (operator, name, values, met) => {
  const statement = { ...identity, Condition: { [operator]: { [name]: values } } }
  expect(decide(statement, { context: { ...here, ...many } }, 'identity').decision).toBe(met ? 'allow' : 'no match')
})

test('Policy variables stand in conditions too, and one without a value meets none, negated or not', () => {
  const decision = (Condition: object, context: Record<string, string>, version?: string) =>
    decide({ ...identity, Condition }, { context }, 'identity', version).decision
  const path = { StringLike: { path: `${variable('aws:username')}/*` } }
  expect(decision(path, { path: 'a*/x', 'aws:username': 'a*' })).toBe('allow')
  expect(decision(path, { path: 'ab/x', 'aws:username': 'a*' })).toBe('no match')
  expect(decision(path, { path: `${variable('aws:username')}/x`, 'aws:username': 'a' }, '2008-10-17')).toBe('allow')
  const owner = { owner: ['nobody', variable('aws:username')] }
  expect(decision({ StringEquals: owner }, { owner: 'me', 'aws:username': 'me' })).toBe('allow')
  expect(decision({ StringNotEquals: owner }, { owner: 'you', 'aws:username': 'me' })).toBe('allow')
  for (const operator of ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike']) {
    expect(decision({ [operator]: owner }, { owner: 'you' })).toBe('no match')
    expect(decision({ [operator]: owner }, { owner: 'nobody' })).toBe('no match')
  }
})

test('Of two values for a key that has one, an Allow wants both to pass, and one is enough for a Deny', () => {
  const context = { get: () => ['a', 'b'], hasOneValue: () => true }
  const decision = (Effect: string, operator: string, value: string | string[]) => {
    const statement = { ...identity, Effect, Condition: { [operator]: { owner: value } } }
    return evaluate([attached(statement, 'identity')], { caller: app, action: 'kms:Decrypt', resource: key, context })
      .decision
  }
  for (const operator of ['StringEquals', 'StringNotEquals', 'ForAnyValue:StringLike', 'ForAllValues:StringLike']) {
    expect(decision('Allow', operator, 'a')).toBe('no match')
    expect(decision('Deny', operator, 'a')).toBe('deny')
  }
  expect(decision('Allow', 'StringEquals', ['a', 'b'])).toBe('allow')
  expect(decision('Allow', 'StringNotEquals', 'c')).toBe('allow')
  expect(decision('Deny', 'StringEquals', 'c')).toBe('no match')
})

test('A value that is longer than AWS takes decides against the caller', () => {
  const decision = (Effect: string, operator: string, length: number) => {
    const statement = { ...identity, Effect, Condition: { [operator]: { text: '*b' } } }
    return decide(statement, { context: { text: 'a'.repeat(length) } }, 'identity').decision
  }
  for (const operator of ['StringLike', 'StringNotLike']) {
    expect(decision('Allow', operator, 8193)).toBe('no match')
    expect(decision('Deny', operator, 8193)).toBe('deny')
  }
  expect(decision('Allow', 'StringNotLike', 8192)).toBe('allow')
  expect(decision('Deny', 'StringLike', 8192)).toBe('no match')
})

test('Every condition of a statement must be met, and the verdict names the one that was not', () => {
  const Condition = { StringEquals: { text: 'Blue', 'kms:EncryptionContext:tenant': 'a' } }
  const context = { text: 'Blue', 'kms:EncryptionContext:Tenant': 'b' }
  const verdict = decide({ ...identity, Sid: 'OnlyA', Condition }, { context }, 'identity')
  expect(verdict.decision).toBe('no match')
  expect(verdict.weighed).toEqual([
    {
      policy: 'policy',
      index: 0,
      sid: 'OnlyA',
      effect: 'Allow',
      outcome: 'condition not met',
      condition: { operator: 'StringEquals', key: 'kms:EncryptionContext:tenant', values: ['a'], actual: ['b'] },
    },
  ])
})

test('A condition on a key that the request has not is shown with nothing', () => {
  const Condition = { StringEquals: { missing: 'a' } }
  const [weighed] = decide({ ...identity, Condition }, {}, 'identity').weighed
  expect(weighed?.condition).toEqual({ operator: 'StringEquals', key: 'missing', values: ['a'], actual: [] })
})
