import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { RoleSessions, type Roles } from './role.ts'

const ambient = new TurnableAmbient()
const source: BucketRecord = {
  name: 'source',
  region: 'us-east-1',
  ownerAccountId: '000000000000',
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced',
}
const arn = 'arn:aws:iam::000000000000:role/service/replicator'

function begin(role: ReturnType<Roles['get']>, takesUnknown = true) {
  return new RoleSessions({ get: () => role, takesUnknown }, ambient).begin(arn, source)
}

const trusting = (more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sts:AssumeRole', ...more }],
  })

test('The session is one of the role, named s3-replication, with the role’s id and tags', () => {
  const tags = [{ Key: 'team', Value: 'a' }]
  expect(begin({ uniqueId: 'AROAEXAMPLE', trustPolicy: trusting(), tags })).toMatchObject({
    type: 'AssumedRole',
    arn: 'arn:aws:sts::000000000000:assumed-role/replicator/s3-replication',
    principalId: 'AROAEXAMPLE:s3-replication',
    accessKeyId: expect.stringMatching(/^ASIA/),
    role: { arn, issuedAt: ambient.now() },
    tags,
  })
})

test.each([
  ['names another service', { Principal: { Service: 'ec2.amazonaws.com' } }, false],
  ['allows another action', { Action: 'sts:TagSession' }, false],
  ['denies', { Effect: 'Deny' }, false],
  ['asks for another bucket', { Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::other' } } }, false],
  ['asks for this bucket', { Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::source' } } }, true],
  ['asks for this account', { Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } } }, true],
])('A trust policy that %s', (_, more, isTrusting) => {
  expect(begin({ trustPolicy: trusting(more) }) !== undefined).toBe(isTrusting)
})

test('A session lasts for an hour of the clock', () => {
  const sessions = new RoleSessions({ get: () => ({}), takesUnknown: false }, ambient)
  const first = sessions.begin(arn, source)
  ambient.turn(3_599_999)
  expect(sessions.begin(arn, source)).toEqual(first)
  ambient.turn(1)
  expect(sessions.begin(arn, source)?.accessKeyId).not.toBe(first?.accessKeyId)
})

test('A role of a fixture file that says nothing of trust is assumed', () => {
  expect(begin({})?.role?.isUndeclared).toBeUndefined()
  expect(begin({})?.arn).toContain('assumed-role/replicator/')
})

test('A role that nobody declared is taken at its word when permissive, and cannot be assumed when strict', () => {
  expect(begin(undefined)?.role?.isUndeclared).toBe(true)
  expect(begin(undefined, false)).toBeUndefined()
})
