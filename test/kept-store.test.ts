import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DecryptCommand, VerifyMacCommand } from '@aws-sdk/client-kms'
import { CompleteMultipartUploadCommand, GetObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/*
 * A data folder that is kept (scripts/make-kept-store.mjs made it): what it holds must open for as long as the store's format stays what it is.
 */

interface KeptObject {
  key: string
  text: string
  isCustomers: boolean
}

interface KeptStore {
  bucket: string
  customerKey: string
  encryptionContext: Record<string, string>
  /** Plaintext → base64 */
  ciphertexts: Record<string, string>
  macs: { keyId: string; message: string; mac: string }
  objects: KeptObject[]
  uploads: (KeptObject & { uploadId: string; etag: string })[]
}

let kept: KeptStore
let folder: string
let journey: Journey

beforeAll(async () => {
  kept = JSON.parse(await readFile('fixtures/kept-store.json', 'utf8'))
  folder = await mkdtemp(join(tmpdir(), 'kept-'))
  await cp('fixtures/kept-store', folder, { recursive: true })
  journey = await startJourney({ ephemeral: false, dataDir: folder })
})
afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true })
})

async function textOf({ key, isCustomers }: KeptObject): Promise<string | undefined> {
  const SSECustomerKeyMD5 = createHash('md5').update(Buffer.from(kept.customerKey, 'base64')).digest('base64')
  const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: kept.customerKey, SSECustomerKeyMD5 }
  const place = { Bucket: kept.bucket, Key: key, ...(isCustomers && customer) }
  const { Body } = await journey.s3.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }))
  return Body?.transformToString()
}

test('every kept object is read, under every scheme', async () => {
  expect(kept.objects).toHaveLength(7)
  for (const object of kept.objects) expect([object.key, await textOf(object)]).toEqual([object.key, object.text])
})

test('every kept upload becomes an object', async () => {
  expect(kept.uploads).toHaveLength(6)
  for (const upload of kept.uploads) {
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: upload.etag }] }
    const place = { Bucket: kept.bucket, Key: upload.key, UploadId: upload.uploadId }
    await journey.s3.send(new CompleteMultipartUploadCommand({ ...place, MultipartUpload }))
    expect([upload.key, await textOf(upload)]).toEqual([upload.key, upload.text])
  }
})

test('ciphertexts of before and behind a rotation are decrypted', async () => {
  const { encryptionContext: EncryptionContext } = kept
  expect(Object.keys(kept.ciphertexts)).toHaveLength(2)
  for (const [text, blob] of Object.entries(kept.ciphertexts)) {
    const command = new DecryptCommand({ CiphertextBlob: Buffer.from(blob, 'base64'), EncryptionContext })
    const { Plaintext } = await journey.kms.send(command)
    expect(Buffer.from(Plaintext ?? []).toString()).toBe(text)
  }
})

test('a kept MAC is verified', async () => {
  const { keyId: KeyId, message, mac } = kept.macs
  const [Message, Mac] = [Buffer.from(message), Buffer.from(mac, 'base64')]
  const command = new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm: 'HMAC_SHA_256' })
  expect(await journey.kms.send(command)).toMatchObject({ MacValid: true })
})
