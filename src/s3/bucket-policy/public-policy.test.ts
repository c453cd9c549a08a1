import { expect, test } from '@jest/globals'
import { parsePolicy } from '../../aws/policy-parse.ts'
import { isPublic } from './public-policy.ts'

const read = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }

function judged(...statements: object[]): boolean {
  return isPublic(parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'resource'))
}

function tiedBy(operator: string, key: string, ...values: string[]): boolean {
  return judged({ ...read, Condition: { [operator]: { [key]: values } } })
}

test('An Allow of everybody is public, whatever stands beside it', () => {
  expect(judged(read)).toBe(true)
  expect(judged({ ...read, Principal: { AWS: ['111122223333', '*'] } })).toBe(true)
  expect(judged({ ...read, Principal: { AWS: '111122223333' } }, read)).toBe(true)
  expect(judged({ ...read, Effect: 'Deny' }, read)).toBe(true)
})

test('Denies, and Allows of somebody, are not', () => {
  expect(judged({ ...read, Effect: 'Deny' })).toBe(false)
  expect(judged({ ...read, Principal: { AWS: '111122223333' } })).toBe(false)
  expect(judged({ ...read, Principal: { Service: 'logging.s3.amazonaws.com' } })).toBe(false)
})

test.each<[string, string, string, boolean]>([
  ['IpAddress', 'aws:SourceIp', '11.0.0.0/8', false],
  ['IpAddress', 'aws:SourceIp', '11.0.0.0/7', true],
  ['IpAddress', 'aws:SourceIp', '0.0.0.0/0', true],
  ['IpAddress', 'aws:SourceIp', '203.0.113.7', false],
  ['IpAddress', 'aws:SourceIp', '10.0.0.0/7', true],
  ['IpAddress', 'aws:SourceIp', '192.168.0.0/16', false],
  ['IpAddress', 'aws:SourceIp', '2001:db8::/32', false],
  ['IpAddress', 'aws:SourceIp', 'fd00::/8', true],
  ['NotIpAddress', 'aws:SourceIp', '203.0.113.7', true],
  ['StringEquals', 'aws:PrincipalOrgID', 'o-1', false],
  ['StringLike', 'aws:PrincipalOrgID', 'o-*', true],
  ['StringEquals', 'aws:PrincipalOrgID', `\${aws:PrincipalOrgID}`, true],
  ['StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1', true],
  ['ForAllValues:StringEquals', 'aws:SourceVpc', 'vpc-1', true],
  ['ForAnyValue:StringEquals', 'aws:SourceVpc', 'vpc-1', false],
  ['StringNotEquals', 'aws:SourceVpc', 'vpc-1', true],
  ['StringLike', 'aws:userid', 'AROAEXAMPLE:*', true],
  ['StringEquals', 'AWS:USERID', 'AIDAEXAMPLE', false],
  ['ArnLike', 's3:DataAccessPointArn', 'arn:aws:s3:us-east-1:111122223333:accesspoint/*', false],
  ['ArnLike', 's3:DataAccessPointArn', 'arn:aws:s3:us-east-1:*:accesspoint/a', true],
  ['StringLike', 'aws:Referer', 'https://example.com/', true],
  ['Bool', 'aws:SecureTransport', 'true', true],
  ['StringEquals', 's3:x-amz-acl', 'private', true],
])('An Allow of everybody with %s %s %s: public is %s', (operator, key, value, expected) => {
  expect(tiedBy(operator, key, value)).toBe(expected)
})
