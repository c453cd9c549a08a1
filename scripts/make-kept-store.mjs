// Makes fixtures/kept-store anew: a data folder with one of everything that is sealed, and beside it what is in it. test/kept-store.test.ts
// opens it, so that sealing and opening cannot drift together. Only a new format of the store is a reason to run this.
// Usage: npm run build && node scripts/make-kept-store.mjs
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as kmsSdk from '@aws-sdk/client-kms'
import * as s3Sdk from '@aws-sdk/client-s3'
import built from '../dist/s3kms-emu.cjs'

const folder = fileURLToPath(new URL('../fixtures/kept-store', import.meta.url))
const start = () => built.startEmulator({ dataDir: folder, port: 0 })
rmSync(folder, { recursive: true, force: true })

const customerKey = Buffer.alloc(32, 'c')
const customer = {
  SSECustomerAlgorithm: 'AES256',
  SSECustomerKey: customerKey.toString('base64'),
  SSECustomerKeyMD5: createHash('md5').update(customerKey).digest('base64'),
}
const Bucket = 'kept'

const emulator = await start()
const { endpoint, credentials } = emulator
const kms = new kmsSdk.KMSClient({ endpoint, credentials, region: 'us-east-1' })
const s3 = new s3Sdk.S3Client({ endpoint, credentials, region: 'us-east-1' })

const EncryptionContext = { team: 'kept' }
const { KeyMetadata: key } = await kms.send(new kmsSdk.CreateKeyCommand({}))
const encrypt = async (text) => {
  const command = new kmsSdk.EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from(text), EncryptionContext })
  return Buffer.from((await kms.send(command)).CiphertextBlob).toString('base64')
}
const ciphertexts = { 'before the rotation': await encrypt('before the rotation') }
await kms.send(new kmsSdk.RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
ciphertexts['behind the rotation'] = await encrypt('behind the rotation')
const { KeyMetadata: macKey } = await kms.send(
  new kmsSdk.CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
)
const mac = { KeyId: macKey.KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: Buffer.from('kept message') }
const { Mac } = await kms.send(new kmsSdk.GenerateMacCommand(mac))

await s3.send(new s3Sdk.CreateBucketCommand({ Bucket }))
const SSEKMSKeyId = key.Arn
const schemes = {
  none: {},
  'SSE-S3': { ServerSideEncryption: 'AES256' },
  'SSE-KMS': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId },
  'SSE-KMS with a bucket key': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId, BucketKeyEnabled: true },
  'DSSE-KMS': { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId },
  'SSE-C': customer,
}
const objects = []
const uploads = []
for (const [scheme, asked] of Object.entries(schemes)) {
  await s3.send(new s3Sdk.PutObjectCommand({ Bucket, Key: scheme, Body: `kept under ${scheme}`, ...asked }))
  objects.push({ key: scheme, text: `kept under ${scheme}`, isCustomers: scheme === 'SSE-C' })
  const place = { Bucket, Key: `${scheme} in parts` }
  const { UploadId } = await s3.send(new s3Sdk.CreateMultipartUploadCommand({ ...place, ...asked }))
  const part = { ...place, UploadId, PartNumber: 1, Body: `a part under ${scheme}` }
  const { ETag } = await s3.send(new s3Sdk.UploadPartCommand({ ...part, ...(scheme === 'SSE-C' && customer) }))
  const upload = { uploadId: UploadId, etag: ETag }
  uploads.push({ ...upload, key: place.Key, text: part.Body, isCustomers: scheme === 'SSE-C' })
}
await s3.send(new s3Sdk.PutObjectCommand({ Bucket, Key: 'sealed anew', Body: 'sealed anew', ...schemes['SSE-S3'] }))
const ObjectEncryption = { SSEKMS: { KMSKeyArn: key.Arn } }
await s3.send(new s3Sdk.UpdateObjectEncryptionCommand({ Bucket, Key: 'sealed anew', ObjectEncryption }))
objects.push({ key: 'sealed anew', text: 'sealed anew', isCustomers: false })
await emulator.stop()
// Opened once more, what was in logs lies in tables.
await (await start()).stop()

for (const database of ['records', 'bodies']) {
  for (const name of ['LOCK', 'LOG', 'LOG.old']) rmSync(join(folder, database, name), { force: true })
}
const known = {
  bucket: Bucket,
  customerKey: customer.SSECustomerKey,
  ciphertexts,
  encryptionContext: EncryptionContext,
}
const macs = { keyId: macKey.KeyId, message: 'kept message', mac: Buffer.from(Mac).toString('base64') }
writeFileSync(`${folder}.json`, `${JSON.stringify({ ...known, macs, objects, uploads }, null, 2)}\n`)
