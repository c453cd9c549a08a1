import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { canonicalUserId, userCaller } from '../../../aws/caller.ts'
import { listOf } from '../../../protocol/rest-xml.ts'
import { accountId, openS3, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
})
afterEach(() => s3.close())

const constraint = (region: string) =>
  `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
const other = userCaller('111122223333', 'other', 'other')

test('CreateBucket makes a bucket that HeadBucket and GetBucketLocation know', async () => {
  const created = await s3.call('PUT', '/bucket')
  expect([created.status, created.text, created.headers.get('location')]).toEqual([200, '', '/bucket'])
  const head = await s3.call('HEAD', '/bucket')
  expect([head.status, head.headers.get('x-amz-bucket-region')]).toEqual([200, 'us-east-1'])
  expect((await s3.call('GET', '/bucket?location')).text).toMatch(/<LocationConstraint xmlns="[^"]+"><\/Location/)
})

test('A bucket lies in the Region that the signature names', async () => {
  const options = { region: 'eu-west-1', body: constraint('eu-west-1') }
  expect((await s3.call('PUT', '/bucket', options)).status).toBe(200)
  const location = await s3.call('GET', '/bucket?location', { region: 'eu-west-1' })
  expect(location.text).toContain('>eu-west-1</LocationConstraint>')
})

test.each([
  ['us-east-1', 'us-east-1', 'InvalidLocationConstraint'],
  ['us-east-1', 'nowhere-1', 'InvalidLocationConstraint'],
  ['us-east-1', 'cn-north-1', 'InvalidLocationConstraint'],
  ['eu-west-1', undefined, 'IllegalLocationConstraintException'],
  ['eu-west-1', 'us-west-2', 'IllegalLocationConstraintException'],
  ['eu-west-1', 'us-east-1', 'IllegalLocationConstraintException'],
  ['eu-west-1', 'nowhere-1', 'IllegalLocationConstraintException'],
])('CreateBucket in %s with LocationConstraint %s is %s', async (region, given, code) => {
  const body = given === undefined ? undefined : constraint(given)
  const reply = await s3.call('PUT', '/bucket', { region, body })
  expect([reply.status, reply.code]).toEqual([400, code])
})

test.each([
  ['eu-west-1', 'eu-west-1', 'eu-west-1'],
  ['EU', 'eu-west-1', 'EU'],
])(
  'The endpoint of us-east-1 makes a bucket by LocationConstraint %s in %s, and tells where it is',
  async (given, region, answered) => {
    const created = await s3.call('PUT', '/bucket', { body: constraint(given) })
    expect([created.status, created.headers.get('location')]).toEqual([200, 'http://bucket.s3.amazonaws.com/'])
    for (const asked of ['us-east-1', region]) {
      const location = await s3.call('GET', '/bucket?location', { region: asked })
      expect(location.text).toContain(`>${answered}</LocationConstraint>`)
    }
    expect((await s3.call('HEAD', '/bucket', { region })).headers.get('x-amz-bucket-region')).toBe(region)
  },
)

test('The Regions of other partitions are Regions', async () => {
  for (const region of ['us-iso-east-1', 'us-isob-east-1', 'us-isof-south-1', 'eu-isoe-west-1', 'cn-north-1']) {
    expect((await s3.call('PUT', `/in-${region}`, { region, body: constraint(region) })).status).toBe(200)
    expect((await s3.call('GET', `/?bucket-region=${region}`, { region })).status).toBe(200)
  }
})

test('Making the same bucket again: 200 in us-east-1, a conflict elsewhere or for someone else', async () => {
  await s3.call('PUT', '/bucket')
  expect((await s3.call('PUT', '/bucket')).status).toBe(200)
  const stolen = await s3.call('PUT', '/bucket', { caller: other })
  expect([stolen.status, stolen.code]).toEqual([409, 'BucketAlreadyExists'])
  const options = { region: 'eu-west-1', body: constraint('eu-west-1') }
  await s3.call('PUT', '/european', options)
  const again = await s3.call('PUT', '/european', options)
  expect([again.status, again.code]).toEqual([409, 'BucketAlreadyOwnedByYou'])
})

test('A name that breaks the rules is refused', async () => {
  const reply = await s3.call('PUT', '/Not_A_Bucket')
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidBucketName',
    Message: 'The specified bucket is not valid.',
    BucketName: 'Not_A_Bucket',
  })
})

test('CreateBucket reads only its own document', async () => {
  const misspelt = '<CreateBucketConfiguration><Location_Constraint>x</Location_Constraint></CreateBucketConfiguration>'
  for (const body of ['<CreateBucketConfiguration>', '<Other/>', 'x', misspelt]) {
    expect((await s3.call('PUT', '/bucket', { body })).code).toBe('MalformedXML')
  }
  expect((await s3.call('PUT', '/bucket', { body: '<CreateBucketConfiguration/>' })).status).toBe(200)
})

test('An ACL on a bucket that enforces its owner is refused', async () => {
  const headers = { 'x-amz-acl': 'public-read', 'x-amz-object-ownership': 'BucketOwnerEnforced' }
  expect((await s3.call('PUT', '/bucket', { headers })).code).toBe('InvalidBucketAclWithObjectOwnership')
})

test('DeleteBucket deletes an empty bucket, and only an empty one', async () => {
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
  const refused = await s3.call('DELETE', '/bucket')
  expect([refused.status, refused.code]).toEqual([409, 'BucketNotEmpty'])
  await s3.call('DELETE', '/bucket/key')
  expect((await s3.call('DELETE', '/bucket')).status).toBe(204)
  expect((await s3.call('HEAD', '/bucket')).status).toBe(404)
})

test('ListBuckets shows the caller’s buckets by name, with the owner', async () => {
  for (const name of ['zebra', 'apple', 'mango']) await s3.call('PUT', `/${name}`)
  await s3.call('PUT', '/foreign', { caller: other })
  const { Owner, Buckets } = await (await s3.call('GET', '/')).xml('ListAllMyBucketsResult')
  expect(Owner).toMatchObject({ ID: canonicalUserId(accountId) })
  expect(Buckets).toEqual({
    Bucket: ['apple', 'mango', 'zebra'].map((Name) => ({
      Name,
      CreationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      BucketArn: `arn:aws:s3:::${Name}`,
    })),
  })
})

test('ListBuckets pages by max-buckets and selects by prefix and Region', async () => {
  for (const name of ['aaa-1', 'aaa-2', 'aaa-3', 'bbb']) await s3.call('PUT', `/${name}`)
  const names: string[] = []
  let token = ''
  do {
    const reply = await s3.call('GET', `/?prefix=aaa&max-buckets=2${token && `&continuation-token=${token}`}`)
    const { Buckets, ContinuationToken } = await reply.xml('ListAllMyBucketsResult')
    for (const bucket of listOf((Buckets as { Bucket: never[] }).Bucket)) names.push(String(Object(bucket).Name))
    token = encodeURIComponent(String(ContinuationToken ?? ''))
  } while (token !== '')
  expect(names).toEqual(['aaa-1', 'aaa-2', 'aaa-3'])
  const elsewhere = await s3.call('GET', '/?bucket-region=EU-west-1', { region: 'eu-west-1' })
  expect((await elsewhere.xml('ListAllMyBucketsResult')).Buckets).toBe('')
})

test.each(['prefix=', 'max-buckets=5', 'continuation-token=', 'bucket-region=us-east-1'])(
  'ListBuckets tells the Region of each bucket to who asks by %s',
  async (query) => {
    await s3.call('PUT', '/bucket')
    expect((await s3.call('GET', `/?${query}`)).text).toContain('<BucketRegion>us-east-1</BucketRegion>')
    expect((await s3.call('GET', '/?x-id=ListBuckets')).text).not.toContain('<BucketRegion>')
  },
)

test('ListBuckets with a Region is for the endpoint of that Region', async () => {
  const reply = await s3.call('GET', '/?bucket-region=eu-west-1')
  expect(reply).toMatchObject({ status: 400, code: 'InvalidArgument' })
  const message = 'Requests with bucket-region specified must be made to the corresponding regional endpoint'
  const { Message, ArgumentName, ArgumentValue } = await reply.xml('Error')
  expect([Message, ArgumentName, ArgumentValue]).toEqual([message, 'bucket-region', undefined])
})

test.each([
  ['max-buckets=0', 'max-buckets', 'Argument max-buckets must be an integer between 1 and 10000'],
  ['max-buckets=10001', 'max-buckets', 'Argument max-buckets must be an integer between 1 and 10000'],
  ['max-buckets=-1', 'max-buckets', 'Argument max-buckets must be an integer between 1 and 10000'],
  ['max-buckets=x', 'max-buckets', 'Provided max-buckets not an integer or within integer range'],
  ['max-buckets=', 'max-buckets', 'Provided max-buckets not an integer or within integer range'],
  ['max-buckets=2147483648', 'max-buckets', 'Provided max-buckets not an integer or within integer range'],
  ['continuation-token=x', 'continuation-token', 'The continuation token provided is incorrect'],
  ['bucket-region=eu-east-1', 'bucket-region', 'Argument value eu-east-1 is not a valid AWS Region'],
])('ListBuckets refuses %s', async (query, ArgumentName, Message) => {
  const reply = await s3.call('GET', `/?${query}`)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName, Message })
})

test('A bucket that is made again with another ownership of objects is refused, with the same it is not', async () => {
  const made = async (ownership: string) => {
    const headers = { 'x-amz-object-ownership': ownership }
    const { status, code } = await s3.call('PUT', '/again', { headers })
    return [status, code]
  }
  expect(await made('ObjectWriter')).toEqual([200, undefined])
  expect(await made('ObjectWriter')).toEqual([200, undefined])
  expect(await made('BucketOwnerEnforced')).toEqual([409, 'BucketAlreadyOwnedByYou'])
  expect((await s3.call('PUT', '/again')).status).toBe(200)
})

const regional = { 'x-amz-bucket-namespace': 'account-regional' }
const ofGlobal = { 'x-amz-bucket-namespace': 'global' }
const subject = 'The requested bucket is an account-regional namespace bucket, but'

test.each([
  [`mine-${accountId}-us-east-1-an`, regional, 200, undefined, ''],
  ['mine', ofGlobal, 200, undefined, ''],
  [
    `mine-${accountId}-us-east-1-an`,
    {},
    400,
    'MissingNamespaceHeader',
    `${subject} your request is missing the required x-amz-bucket-namespace header.</Message><Header>x-amz-bucket-namespace`,
  ],
  [
    'mine',
    regional,
    400,
    'InvalidNamespaceHeader',
    'The requested bucket name did not include the account-regional namespace suffix, but the provided x-amz-bucket-namespace ' +
      `header value is account-regional. Specify -${accountId}-us-east-1-an as the bucket name suffix to create a bucket in your ` +
      'account-regional namespace, or remove the header.',
  ],
  [`mine-${accountId}-us-east-1-an`, ofGlobal, 400, 'InvalidNamespaceHeader', 'header value is global.'],
  [
    'mine-111122223333-us-east-1-an',
    regional,
    400,
    'InvalidBucketNamespace',
    `${subject} the requested AWS Account ID '111122223333' does not match the caller's AWS Account ID '${accountId}'. ` +
      "Specify the caller's AWS Account ID in the bucket name.",
  ],
  [
    `mine-${accountId}-eu-west-1-an`,
    regional,
    400,
    'InvalidBucketNamespace',
    `${subject} the requested region 'eu-west-1' does not match the current region 'us-east-1'. Specify the targeted region in the bucket name.`,
  ],
])('CreateBucket of %s with %j', async (name, headers, status, code, words) => {
  const reply = await s3.call('PUT', `/${name}`, { headers })
  expect(reply).toMatchObject({ status, code })
  expect(reply.text.replaceAll('&apos;', "'")).toContain(words)
})
