import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'

const Statement = {
  Effect: 'Allow',
  Principal: { AWS: accountId },
  Action: ['s3:GetObject'],
  Resource: ['arn:aws:s3:::bucket/*'],
}
const policy = { Version: '2012-10-17', Statement }

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

test('A policy is put, shown in its normal form, and deleted', async () => {
  const put = await s3.call('PUT', '/bucket?policy', { body: JSON.stringify(policy, null, 2) })
  expect([put.status, put.text]).toEqual([204, ''])
  const shown = await s3.call('GET', '/bucket?policy')
  expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(shown.text).toBe(
    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${accountId}:root"},` +
      '"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}',
  )
  const status = await (await s3.call('GET', '/bucket?policyStatus')).xml('PolicyStatus')
  expect(status.IsPublic).toBe('false')
  for (const _ of ['the first time', 'and again']) {
    expect((await s3.call('DELETE', '/bucket?policy')).status).toBe(204)
  }
  expect((await s3.call('GET', '/bucket?policy')).code).toBe('NoSuchBucketPolicy')
  expect((await s3.call('GET', '/bucket?policyStatus')).code).toBe('NoSuchBucketPolicy')
})

test('A malformed one leaves the one that is there, and names what is at fault', async () => {
  await s3.call('PUT', '/bucket?policy', { body: JSON.stringify(policy) })
  const body = JSON.stringify({ ...policy, Statement: { ...Statement, Action: 's3:Nothing' } })
  const refused = await s3.call('PUT', '/bucket?policy', { body })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain(
    '<Code>MalformedPolicy</Code><Message>Policy has invalid action</Message><Detail>s3:Nothing</Detail>',
  )
  expect((await s3.call('PUT', '/bucket?policy', { body: '' })).code).toBe('MalformedPolicy')
  expect((await s3.call('GET', '/bucket?policy')).status).toBe(200)
})

test('The policy goes with its bucket', async () => {
  await s3.call('PUT', '/bucket?policy', { body: JSON.stringify(policy) })
  await s3.call('DELETE', '/bucket')
  await s3.call('PUT', '/bucket')
  expect((await s3.call('GET', '/bucket?policy')).code).toBe('NoSuchBucketPolicy')
})

test('The trail has the policy as it was sent', async () => {
  await s3.call('PUT', '/bucket?policy', { body: JSON.stringify(policy) })
  const { records } = await s3.trail.lookup({ accountId, region: 'us-east-1', limit: 1 })
  expect(records[0]).toMatchObject({
    eventName: 'PutBucketPolicy',
    requestParameters: { bucketPolicy: policy, bucketName: 'bucket', policy: '' },
  })
})
