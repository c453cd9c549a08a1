// What a program does with version 2 of AWS's SDK for JavaScript, told as JSON. aws-sdk-2.test.ts holds it against AWS.
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import AWS from 'aws-sdk'

const endpoint = process.env.AWS_ENDPOINT_URL
const s3 = new AWS.S3({ endpoint, s3ForcePathStyle: true })
const kms = new AWS.KMS({ endpoint })
const Bucket = 'of-version-2'
const told = {}

/** Code and HTTP status of a refusal. */
const refusal = (request) => request.promise().catch(({ code, statusCode }) => [code, statusCode])

const { KeyMetadata } = await kms.createKey({}).promise()
told.key = KeyMetadata.Arn
await s3.createBucket({ Bucket }).promise()

const body = randomBytes(11 << 20)
const sealed = { Bucket, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: told.key }
const parts = { partSize: 5 << 20, tags: [{ Key: 'kind', Value: 'large' }] }
const uploaded = await s3.upload({ ...sealed, Key: 'large', Body: Readable.from([body]) }, parts).promise()
const large = await s3.getObject({ Bucket, Key: 'large' }).promise()
told.upload = { etag: uploaded.ETag, key: large.SSEKMSKeyId, tags: large.TagCount, same: large.Body.equals(body) }

await s3.putObject({ ...sealed, Key: 'a b+ü', Body: 'hello', Metadata: { of: 'v2' }, ACL: 'private' }).promise()
told.head = (await s3.headObject({ Bucket, Key: 'a b+ü' }).promise()).Metadata
told.ranged = String((await s3.getObject({ Bucket, Key: 'a b+ü', Range: 'bytes=1-3' }).promise()).Body)
const CopySource = encodeURIComponent(`${Bucket}/a b+ü`)
await s3.copyObject({ ...sealed, Key: 'copy', CopySource }).promise()
const listed = await s3.listObjectsV2({ Bucket }).promise()
told.listed = listed.Contents.map(({ Key }) => Key)
told.waited = (await s3.waitFor('objectExists', { Bucket, Key: 'copy' }).promise()).ContentLength

// By default it signs URLs by SigV2, which objects under KMS refuse.
await s3.putObject({ Bucket, Key: 'plain', Body: 'plain' }).promise()
const fetched = async (url) => {
  const answer = await fetch(url)
  return [answer.status, answer.ok ? await answer.text() : '']
}
told.presigned = await fetched(s3.getSignedUrl('getObject', { Bucket, Key: 'plain' }))
const v4 = new AWS.S3({ endpoint, s3ForcePathStyle: true, signatureVersion: 'v4' })
told.presignedV4 = await fetched(v4.getSignedUrl('getObject', { Bucket, Key: 'copy', Expires: 60 }))
const post = v4.createPresignedPost({ Bucket, Fields: { key: 'posted' }, Conditions: [['content-length-range', 1, 9]] })
const form = new FormData()
for (const [name, value] of Object.entries(post.fields)) form.append(name, value)
form.append('file', new Blob(['posted']))
told.posted = (await fetch(post.url, { method: 'POST', body: form })).status

told.missing = await refusal(s3.getObject({ Bucket, Key: 'none' }))
told.notThere = await refusal(s3.headObject({ Bucket, Key: 'none' }))
told.elsewhere = await refusal(s3.getObject({ Bucket: 'none-of-version-2', Key: 'k' }))
await kms.disableKey({ KeyId: told.key }).promise()
told.disabled = await refusal(s3.getObject({ Bucket, Key: 'copy' }))
await kms.enableKey({ KeyId: told.key }).promise()

const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) }
await s3.putObject({ Bucket, Key: 'customer', Body: 'mine', ...customer }).promise()
told.customer = String((await s3.getObject({ Bucket, Key: 'customer', ...customer }).promise()).Body)

await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }).promise()
const { VersionId } = await s3.deleteObject({ Bucket, Key: 'plain' }).promise()
await s3.deleteObject({ Bucket, Key: 'plain', VersionId }).promise()
told.undeleted = String((await s3.getObject({ Bucket, Key: 'plain' }).promise()).Body)
const { Versions } = await s3.listObjectVersions({ Bucket }).promise()
const Objects = Versions.map(({ Key, VersionId }) => ({ Key, VersionId }))
told.deleted = (await s3.deleteObjects({ Bucket, Delete: { Objects } }).promise()).Deleted.length
await s3.deleteBucket({ Bucket }).promise()

console.log(JSON.stringify(told))
