import { recordKind } from '../store/keyspace.ts'
import type { DefaultEncryption } from './sse/envelope.ts'

export interface BucketRecord {
  name: string
  region: string
  ownerAccountId: string
  /** ms since the epoch */
  creationDate: number
  /** Undefined: objects are not encrypted unless asked. */
  encryption?: DefaultEncryption
  objectOwnership: 'BucketOwnerEnforced' | 'ObjectWriter' | 'BucketOwnerPreferred'
  /** All four flags true (current), or not configured at all (classic). */
  publicAccessBlock: boolean
}

/** name → bucket; names are one namespace for all accounts, as on AWS */
export const bucketRecords = recordKind<BucketRecord>()('bucket', ['string'])
