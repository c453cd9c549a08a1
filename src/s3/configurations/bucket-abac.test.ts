import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket', {
    body: '<CreateBucketConfiguration><Tags><Tag><Key>team</Key><Value>a</Value></Tag></Tags></CreateBucketConfiguration>',
  })
})
afterEach(() => s3.close())

const setAbac = (status: string) =>
  s3.call('PUT', '/bucket?abac', { body: `<AbacStatus><Status>${status}</Status></AbacStatus>` })

// Of the document below.
const headers = { 'x-amz-checksum-crc32': 'ebfOtA==' }
const putTags = () =>
  s3.call('PUT', '/bucket?tagging', {
    body: '<Tagging><TagSet><Tag><Key>team</Key><Value>b</Value></Tag></TagSet></Tagging>',
    headers,
  })

const enabled = 'This S3 general purpose bucket has attribute-based access control (ABAC) enabled.'

test('Where tags count in policies they are neither put nor deleted by the old operations, and told as before', async () => {
  await setAbac('Enabled')
  const put = await putTags()
  expect(put).toMatchObject({ status: 400, code: 'BadRequest' })
  expect(put.text).toContain(
    `<Message>${enabled} To add tags to this bucket, initiate a TagResource request. ` +
      'To delete tags from this bucket, initiate an UntagResource request.</Message>',
  )
  const removed = await s3.call('DELETE', '/bucket?tagging')
  expect(removed).toMatchObject({ status: 400, code: 'BadRequest' })
  expect(removed.text).toContain(
    `<Message>${enabled} To delete tags from this bucket, initiate an UntagResource request.</Message>`,
  )
  expect((await s3.call('GET', '/bucket?tagging')).text).toContain('<Key>team</Key><Value>a</Value>')
})

test('Switched off again, tags are put and deleted', async () => {
  await setAbac('Enabled')
  await setAbac('Disabled')
  expect((await putTags()).status).toBe(204)
  expect((await s3.call('DELETE', '/bucket?tagging')).status).toBe(204)
})
