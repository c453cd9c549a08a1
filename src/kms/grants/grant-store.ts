import type { Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { EncryptionContext } from '../client.ts'
import type { KeyRecord } from '../keys/key.ts'

/*
 * Grants, and the ways they are looked for:
 *
 *   grant           Region │ key id │ grant id                             → the grant
 *   granteeGrant    Region │ key id │ grantee principal │ grant id         → nothing more: whom a call may be allowed by
 *   retirableGrant  Region │ retiring principal │ key id │ grant id        → nothing more
 *   grantCount      Region │ key id                                        → how many, for the quota
 *
 * All four change in one transaction, under the key's exclusive lock.
 */

export interface GrantConstraints {
  EncryptionContextEquals?: EncryptionContext
  EncryptionContextSubset?: EncryptionContext
}

/** What a grant permits, and under which constraints. */
export interface GrantTerms {
  operations: readonly string[]
  constraints?: GrantConstraints
}

export interface GrantRecord extends GrantTerms {
  /** 64 hex digits */
  grantId: string
  region: string
  keyId: string
  /** The account of whoever made it. */
  issuingAccount: string
  granteePrincipal: string
  retiringPrincipal?: string
  name?: string
  /** ms since the epoch */
  creationDate: number
}

/** What it takes to find a grant. */
export type GrantAddress = Pick<GrantRecord, 'region' | 'keyId' | 'grantId'>

export const grantRecords = recordKind<GrantRecord>()('grant', ['string', 'string', 'string'])
export const granteeRecords = recordKind<0>()('granteeGrant', ['string', 'string', 'string', 'string'])
export const retirableRecords = recordKind<0>()('retirableGrant', ['string', 'string', 'string', 'string'])
export const grantCountRecords = recordKind<number>()('grantCount', ['string', 'string'])

export function findGrant(reader: Reader, { region, keyId, grantId }: GrantAddress): GrantRecord | undefined {
  return reader.get(grantRecords, [region, keyId, grantId])
}

export function countGrants(reader: Reader, { region, keyId }: KeyRecord): number {
  return reader.get(grantCountRecords, [region, keyId]) ?? 0
}

export function putGrant(transaction: Transaction, grant: GrantRecord): void {
  const { region, keyId, grantId, granteePrincipal, retiringPrincipal } = grant
  transaction.put(grantRecords, [region, keyId, grantId], grant)
  transaction.put(granteeRecords, [region, keyId, granteePrincipal, grantId], 0)
  if (retiringPrincipal) transaction.put(retirableRecords, [region, retiringPrincipal, keyId, grantId], 0)
  transaction.put(grantCountRecords, [region, keyId], (transaction.get(grantCountRecords, [region, keyId]) ?? 0) + 1)
}

export function deleteGrant(transaction: Transaction, grant: GrantRecord): void {
  const { region, keyId, grantId, granteePrincipal, retiringPrincipal } = grant
  transaction.delete(grantRecords, [region, keyId, grantId])
  transaction.delete(granteeRecords, [region, keyId, granteePrincipal, grantId])
  if (retiringPrincipal) transaction.delete(retirableRecords, [region, retiringPrincipal, keyId, grantId])
  transaction.put(
    grantCountRecords,
    [region, keyId],
    Math.max((transaction.get(grantCountRecords, [region, keyId]) ?? 0) - 1, 0),
  )
}

/** The grants of a key behind `after`, in order of their ids. */
export async function* grantsOfKey(
  reader: Reader,
  { region, keyId }: KeyRecord,
  after?: string,
): AsyncGenerator<GrantRecord> {
  const within = [region, keyId]
  const range = { within, after: after === undefined ? undefined : [...within, after] }
  for await (const { value } of reader.entries(grantRecords, range)) yield value
}

/** The grants of a key to one principal as the grant names it, behind `after`, in order of their ids. */
export async function* grantsTo(
  reader: Reader,
  { region, keyId }: KeyRecord,
  granteePrincipal: string,
  after?: string,
): AsyncGenerator<GrantRecord> {
  const within = [region, keyId, granteePrincipal]
  const range = { within, after: after === undefined ? undefined : [...within, after] }
  for await (const { key } of reader.entries(granteeRecords, range)) {
    const grant = findGrant(reader, { region, keyId, grantId: key[3] })
    if (grant) yield grant
  }
}

/** The grants that a principal may retire, over all keys of a Region, behind `after` (key id, grant id). */
export async function* grantsRetirableBy(
  reader: Reader,
  region: string,
  retiringPrincipal: string,
  after?: readonly [keyId: string, grantId: string],
): AsyncGenerator<GrantRecord> {
  const within = [region, retiringPrincipal]
  const range = { within, after: after && [...within, ...after] }
  for await (const { key } of reader.entries(retirableRecords, range)) {
    const grant = findGrant(reader, { region, keyId: key[2], grantId: key[3] })
    if (grant) yield grant
  }
}
