import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  HeadObjectCommand,
  type ObjectCannedACL,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from '../emulator.ts'

/*
 * Uploads of web forms as multer-s3 3.0.1 passes them on: lib-storage's Upload with a stream of unknown length, always with an ACL,
 * `private` where its option `acl` is left out; a file beyond 5 MiB goes in parts.
 */

let journey: Journey
beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'current' })
  await journey.createBucket('of-today')
  await journey.s3.send(new CreateBucketCommand({ Bucket: 'opened', ObjectOwnership: 'ObjectWriter' }))
  await journey.s3.send(new DeletePublicAccessBlockCommand({ Bucket: 'opened' }))
})
afterAll(() => journey.stop())

const sizes = { small: 10, 'in-parts': 6 << 20 }

function store(Bucket: string, Key: keyof typeof sizes, ACL: ObjectCannedACL = 'private') {
  const Body = new Blob(['x'.repeat(sizes[Key])]).stream()
  const params = { Bucket, Key, Body, ACL, ContentType: 'image/png', Metadata: { fieldName: 'avatar' } }
  return new Upload({ client: journey.s3, params }).done()
}
const withoutSignature = async (path: string) => (await fetch(`${journey.endpoint}/${path}`)).status

describe.each(['small', 'in-parts'] as const)('a file that is %s', (Key) => {
  test('goes into a bucket of today by default, and is nobody else’s', async () => {
    await store('of-today', Key)
    const { ContentLength, Metadata } = await journey.s3.send(new HeadObjectCommand({ Bucket: 'of-today', Key }))
    expect({ ContentLength, Metadata }).toEqual({ ContentLength: sizes[Key], Metadata: { fieldname: 'avatar' } })
    expect(await withoutSignature(`of-today/${Key}`)).toBe(403)
  })

  test('is refused by a bucket of today with `acl: public-read`', async () => {
    expect(await failureOf(store('of-today', Key, 'public-read'))).toEqual({
      code: 'AccessControlListNotSupported',
      message: 'The bucket does not allow ACLs',
      status: 400,
    })
  })

  test('is public in a bucket of object writers without a block', async () => {
    await store('opened', Key, 'public-read')
    expect(await withoutSignature(`opened/${Key}`)).toBe(200)
  })
})
