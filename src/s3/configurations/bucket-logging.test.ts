import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { rootCaller } from '../../aws/caller.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3('current')
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/logs')
  await s3.call('PUT', '/open', { headers: { 'x-amz-object-ownership': 'ObjectWriter' } })
  await s3.call('PUT', '/foreign', { caller: rootCaller('999999999999') })
  await s3.call('PUT', '/far', {
    body: '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
  })
})
afterEach(() => s3.close())

const status = (inner: string) => `<BucketLoggingStatus><LoggingEnabled>${inner}</LoggingEnabled></BucketLoggingStatus>`
const to = (target: string, more = '', before = '') =>
  status(`<TargetBucket>${target}</TargetBucket>${before}<TargetPrefix>p/</TargetPrefix>${more}`)
const format = (inner: string) => `<TargetObjectKeyFormat>${inner}</TargetObjectKeyFormat>`
const grants =
  '<TargetGrants><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">' +
  '<URI>http://acs.amazonaws.com/groups/global/AuthenticatedUsers</URI></Grantee><Permission>READ</Permission></Grant></TargetGrants>'
const put = (body: string, source = 'bucket') => s3.call('PUT', `/${source}?logging`, { body })

test.each([
  to('logs'),
  to('bucket'),
  status('<TargetBucket>logs</TargetBucket><TargetPrefix></TargetPrefix>'),
  to('open', '', grants),
  to('logs', format('<SimplePrefix></SimplePrefix>')),
  to('logs', format('<PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix>')),
  to('logs', format('<PartitionedPrefix></PartitionedPrefix>')),
])('%s is taken and told as it was', async (body) => {
  expect(await put(body)).toMatchObject({ status: 200, text: '' })
  const told = await s3.call('GET', '/bucket?logging')
  expect(told.text.replace(' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', '')).toContain(body)
})

test('An empty document switches logging off', async () => {
  await put(to('logs'))
  await put('<BucketLoggingStatus/>')
  expect(await (await s3.call('GET', '/bucket?logging')).xml('BucketLoggingStatus')).toEqual({})
})

test.each([
  [to('nowhere'), 400, 'InvalidTargetBucketForLogging', 'The target bucket for logging does not exist'],
  [
    to('foreign'),
    400,
    'InvalidTargetBucketForLogging',
    'The owner for the bucket to be logged and the target bucket must be the same.',
  ],
  [to('far'), 403, 'CrossLocationLoggingProhibitted', 'Cross S3 location logging not allowed. '],
  [
    to('logs', grants),
    400,
    'AccessControlListNotSupported',
    'Target grants not allowed for bucket owner enforced buckets',
  ],
  [status('<TargetPrefix>p</TargetPrefix>'), 400, 'MalformedXML', ''],
  [status('<TargetBucket>logs</TargetBucket>'), 400, 'MalformedXML', ''],
  [to('logs', format('')), 400, 'MalformedXML', ''],
  [to('logs', format('<SimplePrefix/><PartitionedPrefix/>')), 400, 'MalformedXML', ''],
  [
    to('logs', format('<PartitionedPrefix><PartitionDateSource>Now</PartitionDateSource></PartitionedPrefix>')),
    400,
    'MalformedXML',
    '',
  ],
  [to('open', '<TargetGrants><Grant><Grantee/></Grant></TargetGrants>'), 400, 'MalformedXML', ''],
])('%s is refused', async (body, statusCode, code, words) => {
  const reply = await put(body)
  expect(reply).toMatchObject({ status: statusCode, code })
  expect(reply.text).toContain(words)
  expect(await (await s3.call('GET', '/bucket?logging')).xml('BucketLoggingStatus')).toEqual({})
})

test('Across Regions the refusal names both, but the source only outside us-east-1', async () => {
  const fromHere = await (await put(to('far'))).xml('Error')
  expect(fromHere.TargetBucketLocation).toBe('eu-west-1')
  expect(fromHere.SourceBucketLocation).toBeUndefined()
  const fromThere = await (await s3.call('PUT', '/far?logging', { body: to('logs'), region: 'eu-west-1' })).xml('Error')
  expect(fromThere).toMatchObject({ TargetBucketLocation: 'us-east-1', SourceBucketLocation: 'eu-west-1' })
})
