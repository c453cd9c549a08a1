// Makes fixtures/kept-versions anew: a data folder of format 5 with a bucket that has versions, and beside it what is in it.
// test/kept-store.test.ts opens it: each version is sealed to its id, which must stay what it is.
// Usage: npm run build && node scripts/make-kept-versions.mjs
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as kmsSdk from '@aws-sdk/client-kms'
import * as s3Sdk from '@aws-sdk/client-s3'
import built from '../dist/s3kms-emu.cjs'

const folder = fileURLToPath(new URL('../fixtures/kept-versions', import.meta.url))
const start = () => built.startEmulator({ dataDir: folder, port: 0 })
rmSync(folder, { recursive: true, force: true })

const emulator = await start()
const { endpoint, credentials } = emulator
const kms = new kmsSdk.KMSClient({ endpoint, credentials, region: 'us-east-1' })
const s3 = new s3Sdk.S3Client({ endpoint, credentials, region: 'us-east-1' })
const Bucket = 'kept-versions'
const { KeyMetadata: key } = await kms.send(new kmsSdk.CreateKeyCommand({}))
const schemes = [
  {},
  { ServerSideEncryption: 'AES256' },
  { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key.Arn },
  { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: key.Arn },
]
const setVersioning = (Status) =>
  s3.send(new s3Sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))

/** Key → its versions as they are to be listed, the newest first; a delete marker has no text. */
const versions = {}
const note = (Key, { VersionId = 'null' }, text) => {
  const others = (versions[Key] ?? []).filter(({ versionId }) => VersionId !== 'null' || versionId !== 'null')
  versions[Key] = [{ versionId: VersionId, text }, ...others]
}
const put = async (Key, text, asked) =>
  note(Key, await s3.send(new s3Sdk.PutObjectCommand({ Bucket, Key, Body: text, ...asked })), text)

await s3.send(new s3Sdk.CreateBucketCommand({ Bucket }))
await put('old', 'before versioning', schemes[1])
await setVersioning('Enabled')
for (const [index, scheme] of schemes.entries()) {
  await put('old', `version ${index}`, scheme)
  await put('deleted', `version ${index}`, scheme)
}
note('deleted', await s3.send(new s3Sdk.DeleteObjectCommand({ Bucket, Key: 'deleted' })))
const place = { Bucket, Key: 'in parts' }
for (const text of ['the first upload', 'the second upload']) {
  const { UploadId } = await s3.send(new s3Sdk.CreateMultipartUploadCommand({ ...place, ...schemes[2] }))
  const part = { ...place, UploadId, PartNumber: 1 }
  const { ETag } = await s3.send(new s3Sdk.UploadPartCommand({ ...part, Body: text }))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  const completed = await s3.send(new s3Sdk.CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }))
  note(place.Key, completed, text)
}
await setVersioning('Suspended')
await put('deleted', 'while suspended', schemes[2])
await s3.send(new s3Sdk.DeleteObjectCommand({ Bucket, Key: 'suspended' }))
note('suspended', {})
await emulator.stop()
// Opened once more, what was in logs lies in tables.
await (await start()).stop()

for (const database of ['records', 'bodies']) {
  for (const name of ['LOCK', 'LOG', 'LOG.old']) rmSync(join(folder, database, name), { force: true })
}
writeFileSync(`${folder}.json`, `${JSON.stringify({ bucket: Bucket, versions }, null, 2)}\n`)
