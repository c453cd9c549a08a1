import type { Database } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import { isAnythingUndelivered } from '../../trail/recorders.ts'
import type { AdvancedEventSelector } from '../selectors/advanced.ts'
import type { EventSelector } from '../selectors/basic.ts'

/*
 * What the store has of trails:
 *
 *   trail           account │ home Region │ name       → what was asked for
 *   trailDelivery   trail's id                         → how its deliveries went
 *   undigested      trail's id │ Region │ time │ sequence   → a log file that no digest tells of yet
 *   lastDigest      trail's id │ Region                → the digest that the next one names
 *   digestKey       account │ Region │ since           → the key that signs digests
 *
 * and of events that wait for their file, what `trail/recorders.ts` says. The id is another one for each trail that is made.
 */

/** A trail as it was asked for. Times in ms since the epoch. */
export interface TrailSettings {
  id: string
  accountId: string
  homeRegion: string
  name: string
  bucket: string
  prefix?: string
  /** ARN */
  kmsKeyId?: string
  includesGlobalServices: boolean
  isMultiRegion: boolean
  validatesLogFiles: boolean
  isLogging: boolean
  startedAt?: number
  stoppedAt?: number
  /** Undefined, both: the default. */
  selectors?: readonly EventSelector[]
  advancedSelectors?: readonly AdvancedEventSelector[]
  tags: readonly TrailTag[]
}

export interface TrailTag {
  Key: string
  Value?: string
}

/** How deliveries went. Times in ms since the epoch. */
export interface DeliveryStatus {
  latestDelivery?: number
  /** The error's code as S3 has it. */
  latestError?: string
  latestDigest?: number
  latestDigestError?: string
  /** How often in a row it was refused, and when it is tried again. */
  refusals?: number
  retryAt?: number
  digestRetryAt?: number
  /** By Region a file that is being written. Who finds it writes that one again, not another. */
  begun?: Readonly<Record<string, { bucket: string; key: string } | undefined>>
}

export interface LogFile {
  bucket: string
  key: string
  /** SHA-256 of the log, before it is compressed; hex */
  hash: string
  /** ms since the epoch */
  newest: number
  oldest: number
}

export interface LastDigest {
  bucket: string
  key: string
  /** SHA-256 of the digest, before it is compressed; hex */
  hash: string
  /** hex */
  signature: string
  /** ms since the epoch */
  end: number
}

export interface DigestKeyRecord {
  /** PKCS #1, DER, base64 */
  publicKey: string
  /** 32 hex digits */
  fingerprint: string
  /** PKCS #8, DER, sealed under the root key */
  sealed: string
  /** ms since the epoch */
  until: number
}

export const trails = recordKind<TrailSettings>()('trail', ['string', 'string', 'string'])
export const deliveries = recordKind<DeliveryStatus>()('trailDelivery', ['string'])
export const undigestedFiles = recordKind<LogFile>()('undigested', ['string', 'string', 'integer', 'integer'])
export const lastDigests = recordKind<LastDigest>()('lastDigest', ['string', 'string'])
export const digestKeys = recordKind<DigestKeyRecord>()('digestKey', ['string', 'string', 'integer'])

/** Whether there is a trail, or anything left of one. */
export async function areTrails(database: Database): Promise<boolean> {
  for await (const _ of database.entries(trails, { limit: 1 })) return true
  return isAnythingUndelivered(database)
}
