import { expect, test } from '@jest/globals'
import { Explanations } from '../../access/explanations.ts'
import { type Caller, userCaller } from '../../aws/caller.ts'
import { accountId, openS3 } from '../s3.fixture.ts'
import { DeclaredIdentities, documentOf } from './identities.fixture.ts'

const app = userCaller(accountId, 'app')

test('A refused request is explained after a restart too, one that was let in is not kept so long', async () => {
  const identities = new DeclaredIdentities()
  const s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  const read = { Sid: 'read', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
  identities.policies.set(app.arn, [read])
  const refused = await s3.call('PUT', '/bucket/key', { caller: app, body: 'x' })
  const id = refused.headers.get('x-amz-request-id') ?? ''
  const missing = await s3.call('GET', '/bucket/key', { caller: app })
  const [first, ...others] = await new Explanations(s3.database).find(id)
  expect(others).toEqual([])
  expect(first).toMatchObject({
    requestId: id,
    service: 's3',
    operation: 'PutObject',
    caller: { arn: app.arn },
    error: { code: 'AccessDenied' },
    rulings: [
      {
        action: 's3:PutObject',
        resource: 'arn:aws:s3:::bucket/key',
        allowed: false,
        because: 'because no identity-based policy allows the s3:PutObject action',
        statements: [{ policy: 'identity policy own', index: 0, sid: 'read', outcome: 'other action' }],
      },
    ],
  })
  // A missing key that may not be known: both questions are told.
  const [last] = await new Explanations(s3.database).find('last')
  expect(last?.requestId).toBe(missing.headers.get('x-amz-request-id'))
  expect(last?.rulings.map(({ action, allowed }) => [action, allowed])).toEqual([
    ['s3:GetObject', true],
    ['s3:ListBucket', false],
  ])
  await s3.close()
})

test('What was weighed is kept in memory: of a bucket with a policy, of another account, of who has policies', async () => {
  const identities = new DeclaredIdentities()
  const s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  const kept = async (caller?: Caller) => {
    const { headers } = await s3.call('GET', '/bucket/none', { caller })
    return (await s3.explanations.find(headers.get('x-amz-request-id') ?? '')).length
  }
  expect(await kept()).toBe(0)
  expect(await kept(userCaller('999999999999', 'stranger'))).toBe(1)
  identities.policies.set(app.arn, [])
  expect([await kept(app), await kept()]).toEqual([1, 0])
  const elsewhere = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::bucket/*' }
  await s3.call('PUT', '/bucket?policy', { body: documentOf([elsewhere]) })
  expect(await kept()).toBe(1)
  await s3.close()
})

test('Of requests that no policy has anything to say about nothing is kept', async () => {
  const s3 = await openS3()
  await s3.call('PUT', '/bucket')
  const { headers } = await s3.call('GET', '/bucket/none')
  expect(await new Explanations(s3.database).find(headers.get('x-amz-request-id') ?? '')).toEqual([])
  expect(s3.explanations.inOrder()).toEqual([])
  await s3.close()
})

test('Each grant of an ACL is told, and each flag that had an effect', async () => {
  const s3 = await openS3('classic', new DeclaredIdentities())
  await s3.call('PUT', '/bucket', { headers: { 'x-amz-acl': 'public-read' } })
  const told = async (method: string, target: string) => {
    const { headers } = await s3.call(method, target, { caller: 'anonymous' })
    const [found] = await new Explanations(s3.database).find(headers.get('x-amz-request-id') ?? '')
    const [ruling] = found?.rulings ?? []
    return ruling
  }
  const own = { of: 'bucket', permission: 'FULL_CONTROL', outcome: 'other grantee' }
  const toAll = { of: 'bucket', permission: 'READ', grantee: 'everybody' }
  expect(await told('PUT', '/bucket/key')).toMatchObject({
    allowed: false,
    aclGrants: [own, { ...toAll, outcome: 'other permission' }],
  })
  const block = async (flag: string) => {
    const body = `<PublicAccessBlockConfiguration><${flag}>true</${flag}></PublicAccessBlockConfiguration>`
    await s3.call('PUT', '/bucket?publicAccessBlock', { body })
  }
  await block('IgnorePublicAcls')
  expect(await told('GET', '/bucket')).toMatchObject({
    allowed: false,
    aclGrants: [own, { ...toAll, outcome: 'ignored' }],
    blocks: ['IgnorePublicAcls: what the ACL grants to everybody counts for nothing'],
  })
  await block('RestrictPublicBuckets')
  const open = { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::bucket' }
  await s3.call('PUT', '/bucket?policy', { body: documentOf([open]) })
  expect(await told('GET', '/bucket')).toMatchObject({
    allowed: false,
    aclGrants: [own, { ...toAll, outcome: 'applies' }],
    blocks: [
      "RestrictPublicBuckets: the bucket's policy is public, so only its account and services of AWS are let in",
    ],
  })
  await s3.close()
})
