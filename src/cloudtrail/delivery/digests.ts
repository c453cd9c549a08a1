import { digestKey } from '../file-names.ts'
import type { LastDigest, LogFile, TrailSettings } from '../records/kinds.ts'
import { deliveries, lastDigests, undigestedFiles } from '../records/kinds.ts'
import { type SigningKey, signingKeyAt } from '../signing-key.ts'
import { type DeliveryServices, putFile, putStatus, statusOf } from './deliver.ts'
import { digestDocument, textToSign } from './digest-document.ts'
import { compressed } from './log-file.ts'

/*
 * What log files an hour brought becomes a digest, signed, which names the one before it (`digest-document.ts`):
 *
 *   10:00        11:00        12:00        13:00
 *     │ log log    │            │ log        │
 *     │            ▼ digest 1   │            ▼ digest 2, of 11:00 to 13:00; previous: digest 1
 *
 * AWS makes one each hour, also of hours without log files; here the next one tells of those.
 */

const hour = 3_600_000

type WaitingFile = { key: [string, string, number, number]; value: LogFile }

/** Delivers the digests that are due of a trail. @param now ms since the epoch */
export async function deliverDigests(services: DeliveryServices, trail: TrailSettings, now: number): Promise<void> {
  if ((statusOf(services, trail).digestRetryAt ?? 0) > now) return
  for (const [region, due] of await dueDigests(services, trail)) {
    for (
      let end: number | undefined = due;
      end !== undefined && end <= now;
      end = await dueOf(services, trail, region)
    ) {
      const refusal = await deliverDigest(services, trail, region, end)
      if (refusal !== undefined) return await postpone(services, trail, refusal, now)
    }
  }
}

/** When the next of a trail's digests is due, in ms since the epoch. */
export async function nextDigest(services: DeliveryServices, trail: TrailSettings): Promise<number | undefined> {
  const due = [...(await dueDigests(services, trail)).values()]
  if (due.length === 0) return undefined
  return Math.max(Math.min(...due), statusOf(services, trail).digestRetryAt ?? 0)
}

/** Regions with log files that no digest tells of, each with the end of the hour of its first. */
async function dueDigests({ database }: DeliveryServices, { id }: TrailSettings): Promise<Map<string, number>> {
  const due = new Map<string, number>()
  for (let after: [string, string] | undefined; ; ) {
    let found: [string, string, number, number] | undefined
    for await (const { key } of database.entries(undigestedFiles, { within: [id], after, limit: 1 })) found = key
    if (!found) return due
    due.set(found[1], endOfHour(found[2]))
    after = [id, found[1]]
  }
}

async function dueOf(
  { database }: DeliveryServices,
  { id }: TrailSettings,
  region: string,
): Promise<number | undefined> {
  for await (const { key } of database.entries(undigestedFiles, { within: [id, region], limit: 1 }))
    return endOfHour(key[2])
  return undefined
}

function endOfHour(time: number): number {
  return (Math.floor(time / hour) + 1) * hour
}

/** @returns why it was refused, the error's code; undefined where it is delivered */
async function deliverDigest(
  services: DeliveryServices,
  trail: TrailSettings,
  region: string,
  end: number,
): Promise<string | undefined> {
  const { database } = services
  const files: WaitingFile[] = []
  for await (const file of database.entries(undigestedFiles, {
    within: [trail.id, region],
    before: [trail.id, region, end],
  })) {
    files.push(file)
  }
  const signingKey = await signingKeyAt(services, trail.accountId, region, end)
  const previous = database.get(lastDigests, [trail.id, region])
  const { content, metadata, digest } = await signed(signingKey, { trail, region, end, files, previous })
  const refusal = await putFile(services, trail, { key: digest.key, content, metadata })
  if (refusal !== undefined) return refusal
  await database.transact((transaction) => {
    for (const { key } of files) transaction.delete(undigestedFiles, key)
    transaction.put(lastDigests, [trail.id, region], digest)
    const status = transaction.get(deliveries, [trail.id])
    putStatus(transaction, trail, {
      ...status,
      latestDigest: services.ambient.now(),
      latestDigestError: undefined,
      digestRetryAt: undefined,
    })
  })
  return undefined
}

interface DueDigest {
  trail: TrailSettings
  region: string
  /** ms since the epoch */
  end: number
  files: readonly WaitingFile[]
  previous: LastDigest | undefined
}

async function signed(signingKey: SigningKey, { trail, region, end, files, previous }: DueDigest) {
  const key = digestKey(trail, region, end)
  const document = digestDocument({
    accountId: trail.accountId,
    start: previous?.end ?? end - hour,
    end,
    bucket: trail.bucket,
    key,
    fingerprint: signingKey.fingerprint,
    previous,
    files: files.map(({ value }) => value),
  })
  const { content, hash } = await compressed(JSON.stringify(document))
  const signature = signingKey.sign(textToSign({ end, bucket: trail.bucket, key, hash, previous }))
  const metadata = { 'x-amz-meta-signature': signature, 'x-amz-meta-signature-algorithm': 'SHA256withRSA' }
  return { content, metadata, digest: { bucket: trail.bucket, key, hash, signature, end } }
}

/** Tries again an hour later: log files that wait for it stay. */
async function postpone(services: DeliveryServices, trail: TrailSettings, refusal: string, now: number): Promise<void> {
  services.log.warn(`the trail ${trail.name} cannot deliver its digest to ${trail.bucket}: ${refusal}`)
  await services.database.transact((transaction) => {
    const status = transaction.get(deliveries, [trail.id])
    putStatus(transaction, trail, { ...status, latestDigestError: refusal, digestRetryAt: now + hour })
  })
}
