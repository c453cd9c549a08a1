import { createHash } from 'node:crypto'
import type { Log } from '../../log.ts'
import { putByService } from '../../s3/objects/put-by-service.ts'
import type { Transaction } from '../../store/database.ts'
import { cloudTrailService, undeliveredEvents } from '../../trail/recorders.ts'
import { headersOfFile } from '../file-headers.ts'
import { logFileKey, rootOf } from '../file-names.ts'
import type { CloudTrailServices } from '../operation.ts'
import { type DeliveryStatus, deliveries, type TrailSettings, undigestedFiles } from '../records/kinds.ts'
import { trailArn } from '../records/trails.ts'
import { logFileOf } from './log-file.ts'
import { type Batch, dueRegions, nextBatch } from './waiting.ts'

/*
 * Events that wait become log files, a Region's in its own:
 *
 *   begun: the key ─▶ PutObject by cloudtrail.amazonaws.com, weighed by policies of bucket and key ─▶ events no longer wait, and where
 *   files are validated the file waits for a digest: one commit
 *
 * After a kill between the two, or an answer that was lost, that same object is written again with all that waits: nothing is lost, nor
 * stands in two files. What is refused waits, and is tried again for thirty days ("LatestDeliveryError", CloudTrail API reference).
 */

export interface DeliveryServices extends CloudTrailServices {
  log: Log
}

const retryAfter = 300_000
const longestWait = 86_400_000
const triedFor = 30 * 86_400_000
const deleteBatch = 2000

/** Delivers what is due of a trail. @param now ms since the epoch */
export async function deliverLogs(services: DeliveryServices, trail: TrailSettings, now: number): Promise<void> {
  const { database } = services
  const status = statusOf(services, trail)
  if ((status.retryAt ?? 0) > now) return
  for (const [region, due] of await dueRegions(database, trail.id)) {
    if (due > now) continue
    for (;;) {
      const batch = await nextBatch(database, trail.id, trail.accountId, region)
      if (!batch) break
      const refusal = await deliver(services, trail, region, batch)
      if (refusal !== undefined) return await postpone(services, trail, region, refusal)
    }
  }
}

/** When the next of a trail's log files is due, in ms since the epoch. */
export async function nextDelivery(services: DeliveryServices, trail: TrailSettings): Promise<number | undefined> {
  const due = [...(await dueRegions(services.database, trail.id)).values()]
  if (due.length === 0) return undefined
  return Math.max(Math.min(...due), statusOf(services, trail).retryAt ?? 0)
}

/** @returns why it was refused, the error's code; undefined where it is delivered */
async function deliver(
  services: DeliveryServices,
  trail: TrailSettings,
  region: string,
  batch: Batch,
): Promise<string | undefined> {
  const { database, ambient } = services
  if (batch.texts.length === 0) return await drop(services, batch)
  const key = await begin(services, trail, region)
  const { content, hash } = await logFileOf(batch.texts)
  const refusal = await putFile(services, trail, { key, content })
  if (refusal !== undefined) return refusal
  const delivered = ambient.now()
  await database.transact((transaction) => {
    for (const waiting of batch.keys) transaction.delete(undeliveredEvents, waiting)
    const status = statusOf(services, trail)
    putStatus(transaction, trail, {
      ...status,
      begun: { ...status.begun, [region]: undefined },
      latestDelivery: delivered,
      latestError: undefined,
      refusals: undefined,
      retryAt: undefined,
    })
    const sequence = batch.keys[0]?.[3]
    if (!trail.validatesLogFiles || sequence === undefined) return
    const { newest, oldest } = batch
    const file = { bucket: trail.bucket, key, hash, newest, oldest }
    transaction.put(undigestedFiles, [trail.id, region, delivered, sequence], file)
  })
  return undefined
}

async function drop({ database }: DeliveryServices, { keys }: Batch): Promise<undefined> {
  await database.transact((transaction) => {
    for (const waiting of keys) transaction.delete(undeliveredEvents, waiting)
  })
}

/** The key of the file that is written next: that of one that was begun where the trail still leads to, if there is. */
async function begin(services: DeliveryServices, trail: TrailSettings, region: string): Promise<string> {
  const { database, ambient } = services
  const status = statusOf(services, trail)
  const begun = status.begun?.[region]
  if (begun?.bucket === trail.bucket && begun.key.startsWith(rootOf(trail, 'CloudTrail'))) return begun.key
  const key = logFileKey(trail, region, ambient.now(), ambient.randomBytes(16))
  await database.transact((transaction) => {
    putStatus(transaction, trail, { ...status, begun: { ...status.begun, [region]: { bucket: trail.bucket, key } } })
  })
  return key
}

/** @returns why it was refused, the error's code; undefined where it is written */
export async function putFile(
  { s3 }: DeliveryServices,
  trail: TrailSettings,
  file: { key: string; content: Buffer; metadata?: Readonly<Record<string, string>> },
): Promise<string | undefined> {
  const target = s3.findBucket(trail.bucket)
  if (!target) return 'NoSuchBucket'
  const { key, content, metadata } = file
  const source = { arn: trailArn(trail), accountId: trail.accountId }
  // A bucket that locks new versions demands it (evidence: trail-files).
  const md5 = createHash('md5').update(content).digest('base64')
  const headers = { ...headersOfFile(trail), 'content-md5': md5, ...metadata }
  return putByService(s3.endpoint, cloudTrailService, source, target, { key, content, headers })
}

export function statusOf({ database }: DeliveryServices, { id }: TrailSettings): DeliveryStatus {
  return database.get(deliveries, [id]) ?? {}
}

export function putStatus(transaction: Transaction, { id }: TrailSettings, status: DeliveryStatus): void {
  transaction.put(deliveries, [id], status)
}

/** After these nobody knows whether the object is there. */
const lostAnswers: ReadonlySet<string> = new Set(['500', 'InternalError'])

/** Tries again later, each time after twice as long, at most a day; what has waited for thirty days is given up. */
async function postpone(
  services: DeliveryServices,
  trail: TrailSettings,
  region: string,
  refusal: string,
): Promise<void> {
  const { database, ambient, log } = services
  const now = ambient.now()
  const { refusals = 0, begun, ...status } = statusOf(services, trail)
  const wait = Math.min(retryAfter * 2 ** Math.min(refusals, 10), longestWait)
  log.warn(`the trail ${trail.name} cannot deliver to ${trail.bucket}: ${refusal}`)
  await database.transact(async (transaction) => {
    putStatus(transaction, trail, {
      ...status,
      // What is not there yet is named by the time at which it comes.
      begun: lostAnswers.has(refusal) ? begun : { ...begun, [region]: undefined },
      latestError: refusal,
      refusals: refusals + 1,
      retryAt: now + wait,
    })
  })
  await giveUp(services, trail, now - triedFor)
}

/** Of each Region the oldest come first. */
async function giveUp({ database }: DeliveryServices, { id }: TrailSettings, oldest: number): Promise<void> {
  for (;;) {
    const transaction = database.transaction()
    let count = 0
    for await (const { key, value } of database.entries(undeliveredEvents, { within: [id] })) {
      if (value[0] >= oldest) continue
      transaction.delete(undeliveredEvents, key)
      if (++count === deleteBatch) break
    }
    await transaction.commit()
    if (count < deleteBatch) return
  }
}
