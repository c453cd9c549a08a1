import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectAclCommand,
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

/** The package itself, where `scripts/install-clients.mjs` put it: a storage engine of multer's, which hands it each file. */
type StorageEngine = {
  _handleFile(request: object, file: object, done: (error: unknown, stored: object) => void): void
}
const multerS3 = installed()
if (!multerS3) console.warn('skipped: no multer-s3 of npm beside it')

function installed(): ((options: object) => StorageEngine) | undefined {
  try {
    return createRequire(import.meta.url)('multer-s3')
  } catch {
    return undefined
  }
}

const withPackage = multerS3 ? test : test.skip

withPackage('multer-s3 itself stores a form’s file under a public ACL, which everybody then reads', async () => {
  const bucket = 'opened'
  const options = { s3: journey.s3, bucket, acl: 'public-read', key: keyOf }
  const file = {
    originalname: 'avatar.png',
    mimetype: 'image/png',
    fieldname: 'avatar',
    stream: Readable.from(['picture']),
  }
  const stored = await new Promise((resolve, reject) => {
    multerS3?.(options)._handleFile({}, file, (error, info) => (error ? reject(error) : resolve(info)))
  })
  expect(stored).toMatchObject({ bucket, key: 'by-the-package', size: 7, acl: 'public-read' })
  expect(await withoutSignature('opened/by-the-package')).toBe(200)
  const { Grants = [] } = await journey.s3.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'by-the-package' }))
  expect(Grants.map(({ Permission }) => Permission)).toEqual(['FULL_CONTROL', 'READ'])
})

function keyOf(_request: object, _file: object, done: (error: null, key: string) => void): void {
  done(null, 'by-the-package')
}
