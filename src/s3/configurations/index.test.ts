import { afterEach, expect, test } from '@jest/globals'
import { canonicalUserId } from '../../aws/caller.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
afterEach(() => s3.close())

async function openWithBucket(mode: 'classic' | '2023' | 'current' = 'classic'): Promise<void> {
  s3 = await openS3(mode)
  await s3.call('PUT', '/bucket')
}

test.each([
  ['versioning', 'VersioningConfiguration', {}],
  ['logging', 'BucketLoggingStatus', {}],
  ['notification', 'NotificationConfiguration', {}],
  ['accelerate', 'AccelerateConfiguration', {}],
  ['abac', 'AbacStatus', { Status: 'Disabled' }],
  ['requestPayment', 'RequestPaymentConfiguration', { Payer: 'BucketOwner' }],
  ['analytics', 'ListBucketAnalyticsConfigurationsResult', { IsTruncated: 'false' }],
  ['inventory', 'ListInventoryConfigurationsResult', { IsTruncated: 'false' }],
  ['metrics', 'ListMetricsConfigurationsResult', { IsTruncated: 'false' }],
  ['intelligent-tiering', 'ListIntelligentTieringConfigurationsResult', { IsTruncated: 'false' }],
])('The %s of a bucket is an empty document', async (subresource, root, content) => {
  await openWithBucket()
  const reply = await s3.call('GET', `/bucket?${subresource}`)
  expect(reply.status).toBe(200)
  expect(await reply.xml(root)).toEqual(content)
})

test.each([
  ['policy', 'NoSuchBucketPolicy'],
  ['policyStatus', 'NoSuchBucketPolicy'],
  ['cors', 'NoSuchCORSConfiguration'],
  ['lifecycle', 'NoSuchLifecycleConfiguration'],
  ['website', 'NoSuchWebsiteConfiguration'],
  ['replication', 'ReplicationConfigurationNotFoundError'],
  ['object-lock', 'ObjectLockConfigurationNotFoundError'],
])('The %s of a bucket is missing', async (subresource, code) => {
  await openWithBucket()
  const reply = await s3.call('GET', `/bucket?${subresource}`)
  expect(reply.status).toBe(404)
  expect(await reply.xml('Error')).toMatchObject({ Code: code, BucketName: 'bucket' })
  expect((await s3.call('GET', `/nowhere?${subresource}`)).code).toBe('NoSuchBucket')
})

test('classic: no ownership controls, no public access block', async () => {
  await openWithBucket('classic')
  expect((await s3.call('GET', '/bucket?ownershipControls')).code).toBe('OwnershipControlsNotFoundError')
  expect((await s3.call('GET', '/bucket?publicAccessBlock')).code).toBe('NoSuchPublicAccessBlockConfiguration')
})

test.each(['2023', 'current'] as const)('%s: the owner is enforced, public access is blocked', async (mode) => {
  await openWithBucket(mode)
  const controls = await (await s3.call('GET', '/bucket?ownershipControls')).xml('OwnershipControls')
  expect(controls).toEqual({ Rule: { ObjectOwnership: 'BucketOwnerEnforced' } })
  const block = await (await s3.call('GET', '/bucket?publicAccessBlock')).xml('PublicAccessBlockConfiguration')
  expect(Object.values(block)).toEqual(['true', 'true', 'true', 'true'])
})

test('Ownership that was asked for at creation is told, be it what a bucket without controls has', async () => {
  s3 = await openS3('classic')
  await s3.call('PUT', '/bucket', { headers: { 'x-amz-object-ownership': 'ObjectWriter' } })
  const controls = await (await s3.call('GET', '/bucket?ownershipControls')).xml('OwnershipControls')
  expect(controls).toEqual({ Rule: { ObjectOwnership: 'ObjectWriter' } })
})

const flags = (value: boolean) =>
  ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']
    .map((flag) => `<${flag}>${value}</${flag}>`)
    .join('')
const ownership = (value: string) =>
  `<OwnershipControls><Rule><ObjectOwnership>${value}</ObjectOwnership></Rule></OwnershipControls>`
const block = (value: boolean) => `<PublicAccessBlockConfiguration>${flags(value)}</PublicAccessBlockConfiguration>`

test.each([
  ['current', 'ownershipControls', ownership('BucketOwnerEnforced')],
  ['classic', 'ownershipControls', ownership('ObjectWriter')],
  ['current', 'publicAccessBlock', block(true)],
  ['classic', 'publicAccessBlock', block(false)],
  ['classic', 'publicAccessBlock', block(true)],
  ['current', 'publicAccessBlock', block(false)],
  ['current', 'ownershipControls', ownership('BucketOwnerPreferred')],
  [
    'classic',
    'requestPayment',
    '<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>',
  ],
  ['classic', 'requestPayment', '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>'],
  ['classic', 'accelerate', '<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>'],
  ['classic', 'accelerate', '<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>'],
  ['classic', 'abac', '<AbacStatus><Status>Disabled</Status></AbacStatus>'],
  ['classic', 'abac', '<AbacStatus><Status>Enabled</Status></AbacStatus>'],
  ['classic', 'notification', '<NotificationConfiguration/>'],
  ['classic', 'logging', '<BucketLoggingStatus/>'],
] as const)('%s: the %s of a bucket can be put, without a proof of the body: %s', async (mode, name, body) => {
  await openWithBucket(mode)
  const reply = await s3.call('PUT', `/bucket?${name}`, { body })
  expect([reply.status, reply.text]).toEqual([200, ''])
  expect((await s3.call('GET', `/bucket?${name}`)).text.replace(/ xmlns="[^"]*"/, '')).toContain(
    body.replace(/<(\w+)\/>/, '<$1></$1>'),
  )
})

test.each([
  ['ownershipControls', '<OwnershipControls/>', 'MalformedXML'],
  ['ownershipControls', '<OwnershipControls><Rule/></OwnershipControls>', 'MalformedXML'],
  ['ownershipControls', ownership('Nobody'), 'MalformedXML'],
  ['abac', '<AbacStatus/>', 'MalformedXML'],
  ['requestPayment', '<RequestPaymentConfiguration/>', 'MalformedXML'],
  ['accelerate', '<AccelerateConfiguration/>', 'IllegalAccelerateConfigurationException'],
  ['accelerate', '<AccelerateConfiguration><Status>enabled</Status></AccelerateConfiguration>', 'MalformedXML'],
  ['notification', '<NotificationConfiguration><Other/></NotificationConfiguration>', 'MalformedXML'],
])('A document for %s that is %s is %s', async (name, body, code) => {
  await openWithBucket()
  expect(await s3.call('PUT', `/bucket?${name}`, { body })).toMatchObject({ status: 400, code })
})

test.each(['Enabled', 'Suspended'])('A bucket with dots in its name cannot be accelerated: %s', async (status) => {
  s3 = await openS3('classic')
  await s3.call('PUT', '/with.dots')
  const body = `<AccelerateConfiguration><Status>${status}</Status></AccelerateConfiguration>`
  const reply = await s3.call('PUT', '/with.dots?accelerate', { body })
  expect(reply).toMatchObject({ status: 400, code: 'InvalidRequest' })
  expect(reply.text).toContain('S3 Transfer Acceleration is not supported for buckets with periods (.) in their names')
})

test('The ACL of a bucket and of an object gives the owner FULL_CONTROL', async () => {
  await openWithBucket()
  await s3.call('PUT', '/bucket/key', { body: 'x' })
  for (const target of ['/bucket?acl', '/bucket/key?acl']) {
    const { Owner, AccessControlList } = await (await s3.call('GET', target)).xml('AccessControlPolicy')
    expect(Owner).toMatchObject({ ID: canonicalUserId(accountId) })
    expect(AccessControlList).toMatchObject({
      Grant: { Grantee: { ID: canonicalUserId(accountId) }, Permission: 'FULL_CONTROL' },
    })
  }
  expect((await s3.call('GET', '/bucket/none?acl')).code).toBe('NoSuchKey')
})

test.each(['', 'acl', 'attributes'])(
  'GET ?%s of an object is of the version that is asked for',
  async (subresource) => {
    await openWithBucket()
    await s3.call('PUT', '/bucket/key', { body: 'x' })
    const headers = { 'x-amz-object-attributes': 'ETag' }
    const get = (versionId: string) => s3.call('GET', `/bucket/key?${subresource}&versionId=${versionId}`, { headers })
    expect((await get('null')).status).toBe(200)
    expect(await get('a'.repeat(32))).toMatchObject({ status: 400, code: 'InvalidArgument' })
  },
)

test.each([
  ['abac', null],
  ['accelerate', null],
  ['analytics', null],
  ['inventory', null],
  ['requestPayment', null],
  ['versioning', null],
  ['acl', 'application/xml'],
  ['location', 'application/xml'],
  ['logging', 'application/xml'],
])('The answer to GET ?%s has the Content-Type %s', async (subresource, type) => {
  await openWithBucket()
  expect((await s3.call('GET', `/bucket?${subresource}`)).headers.get('content-type')).toBe(type)
})
