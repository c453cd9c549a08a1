import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { keyArn } from '../../aws/arn.ts'
import type { Endpoint } from '../../protocol/http.ts'
import { BucketInventory, type Inventory } from '../configurations/bucket-inventory.ts'
import { bucketOfArn } from '../configurations/destination-bucket.ts'
import { bucketAsSource, putByService } from '../objects/put-by-service.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type DueInventory, nextDue, startOfDay } from '../records/inventory-schedule.ts'
import { columnsOf } from './columns.ts'
import { reportRows } from './report-rows.ts'

/*
 * A report that fell due becomes objects in its destination, the manifest's checksum last ("Locating your inventory list" in the
 * Amazon S3 User Guide), all under PREFIX/SOURCE/ID/:
 *
 *   data/UUID.csv.gz                      rows, up to 100,000 a file
 *   hive/dt=2026-11-30-00-00/symlink.txt  the URIs of these
 *   2026-11-30T00-00Z/manifest.json       and these, with their size and MD5
 *   2026-11-30T00-00Z/manifest.checksum   the MD5 of the manifest
 *
 * They are written by s3.amazonaws.com, let in by the destination's policy and, under SSE-KMS, by the key's. What is refused is
 * not delivered, and nobody is told, as on AWS. Days that passed unseen give one report.
 */

type Services = Pick<S3Services, 'ambient' | 'buckets' | 'configurations' | 'database' | 'inventorySchedule' | 'log'>

const rowsOfFile = 100_000
const compress = promisify(gzip)

/** Delivers all reports that are due. */
export async function deliverInventories(services: Services, endpoint: Endpoint): Promise<void> {
  const now = services.ambient.now()
  const all: DueInventory[] = []
  for await (const entry of services.inventorySchedule.due(now)) all.push(entry)
  for (const entry of all) await deliverDue(services, endpoint, entry, now)
}

async function deliverDue(services: Services, endpoint: Endpoint, entry: DueInventory, now: number): Promise<void> {
  const source = services.buckets.find(entry.bucket)
  const inventory = source && BucketInventory.find(services, source.name, entry.id)
  if (source && inventory) await deliver(services, endpoint, { source, inventory, time: startOfDay(now) })
  await services.database.transact((transaction) => {
    services.inventorySchedule.delete(transaction, entry)
    if (!inventory) return
    services.inventorySchedule.put(transaction, { ...entry, due: nextDue(now, inventory.Schedule.Frequency) })
  })
}

interface Report {
  source: BucketRecord
  inventory: Inventory
  /** ms since the epoch: the midnight that it is of */
  time: number
}

async function deliver(services: Services, endpoint: Endpoint, report: Report): Promise<void> {
  const { source, inventory } = report
  if (!inventory.IsEnabled) return
  const refusal = await write(services, endpoint, report)
  if (refusal === undefined) return
  services.log.warn(`the inventory ${inventory.Id} of ${source.name} was not delivered: ${refusal}`)
}

/** @returns why it was refused; undefined where it is delivered */
async function write(services: Services, endpoint: Endpoint, report: Report): Promise<string | undefined> {
  const { source, inventory, time } = report
  const { Bucket, Format, Prefix } = inventory.Destination.S3BucketDestination
  if (Format !== 'CSV') return `reports are CSV here, not ${Format}`
  const target = services.buckets.find(bucketOfArn(Bucket) ?? '')
  if (!target) return 'the destination bucket is gone'
  if (target.region !== source.region) return 'the destination bucket is in another Region'
  const place = `${Prefix === undefined || Prefix === '' ? '' : `${Prefix}/`}${source.name}/${inventory.Id}/`
  const put = (key: string, content: Buffer, type: string) =>
    putObject(endpoint, report, target, { key: place + key, content, type })
  const files: { key: string; size: number; MD5checksum: string }[] = []
  for await (const rows of chunks(reportRows(services, source, inventory))) {
    const content = await compress(rows.join(''))
    const key = `data/${services.ambient.uuid()}.csv.gz`
    const refusal = await put(key, content, 'application/gzip')
    if (refusal !== undefined) return refusal
    files.push({ key: place + key, size: content.length, MD5checksum: md5(content) })
  }
  const links = files.map(({ key }) => `s3://${target.name}/${key}`).join('\n')
  const minute = new Date(time).toISOString().slice(0, 16).replace(':', '-')
  const manifest = Buffer.from(JSON.stringify(manifestOf(services, report, files)))
  const folder = `${minute}Z`
  return (
    (await put(`hive/dt=${minute.replace('T', '-')}/symlink.txt`, Buffer.from(links), 'text/plain')) ??
    (await put(`${folder}/manifest.json`, manifest, 'application/json')) ??
    (await put(`${folder}/manifest.checksum`, Buffer.from(md5(manifest)), 'text/plain'))
  )
}

/** An empty bucket gives one file without rows. */
async function* chunks(rows: AsyncIterable<string>): AsyncGenerator<string[]> {
  let chunk: string[] = []
  let isFirst = true
  for await (const row of rows) {
    if (chunk.length === rowsOfFile) {
      yield chunk
      isFirst = false
      chunk = []
    }
    chunk.push(row)
  }
  if (isFirst || chunk.length > 0) yield chunk
}

function manifestOf({ ambient }: Services, { source, inventory }: Report, files: readonly object[]) {
  return {
    sourceBucket: source.name,
    destinationBucket: inventory.Destination.S3BucketDestination.Bucket,
    version: '2016-11-30',
    creationTimestamp: String(ambient.now()),
    fileFormat: 'CSV',
    fileSchema: columnsOf(inventory)
      .map(({ name }) => name)
      .join(', '),
    files,
  }
}

interface ReportObject {
  key: string
  content: Buffer
  type: string
}

/** @returns why it was refused; undefined where it is written */
function putObject(
  endpoint: Endpoint,
  { source, inventory }: Report,
  target: BucketRecord,
  { key, content, type }: ReportObject,
): Promise<string | undefined> {
  const { AccountId } = inventory.Destination.S3BucketDestination
  const headers = {
    'content-type': type,
    'x-amz-acl': 'bucket-owner-full-control',
    ...(AccountId === undefined ? {} : { 'x-amz-expected-bucket-owner': AccountId }),
    ...encryptionHeaders(source, inventory),
  }
  return putByService(endpoint, 's3.amazonaws.com', bucketAsSource(source), target, { key, content, headers })
}

/** A key that is named by its id is one of the source's account. */
function encryptionHeaders(source: BucketRecord, inventory: Inventory): Record<string, string> {
  const { Encryption } = inventory.Destination.S3BucketDestination
  if (Encryption?.SSES3) return { 'x-amz-server-side-encryption': 'AES256' }
  if (!Encryption?.SSEKMS) return {}
  const { KeyId } = Encryption.SSEKMS
  const isArn = KeyId.startsWith('arn:')
  const key = isArn ? KeyId : keyArn(source.region, source.ownerAccountId, KeyId).replace('key/alias/', 'alias/')
  return { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': key }
}

function md5(content: Uint8Array): string {
  return createHash('md5').update(content).digest('hex')
}
