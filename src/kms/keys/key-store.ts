import type { Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { KeyRecord } from './key.ts'
import { keyAt } from './key-at.ts'

export interface AliasRecord {
  targetKeyId: string
  /** ms since the epoch */
  creationDate: number
  lastUpdatedDate: number
}

/** An account's keys in a Region. */
export interface Place {
  accountId: string
  region: string
}

/** Region, key id. Key ids are unique over accounts, so a ciphertext that names one finds it. */
const keys = recordKind<KeyRecord>()('key', ['string', 'string'])

export { keys as keyRecords }

/** Account, Region, alias name with its prefix */
export const aliasRecords = recordKind<AliasRecord>()('alias', ['string', 'string', 'string'])
/** Region, key id, alias name: which aliases a key has */
export const keyAliasRecords = recordKind<0>()('keyAlias', ['string', 'string', 'string'])

/** The key that a Region knows by this id, as it is now; undefined also when its deletion is due. */
export function findKey(reader: Reader, region: string, keyId: string, now: number): KeyRecord | undefined {
  const record = reader.get(keys, [region, keyId])
  return record && keyAt(record, now)
}

/** Whether the id was ever given to a key that is still stored, gone or not. */
export function isKeyIdTaken(reader: Reader, region: string, keyId: string): boolean {
  return reader.get(keys, [region, keyId]) !== undefined
}

/** Stores a key, and in the other keys of its multi-Region set what they share with it. */
export function putKey(transaction: Transaction, key: KeyRecord): void {
  transaction.put(keys, [key.region, key.keyId], key)
  for (const region of regionsOf(key)) {
    const related = region === key.region ? undefined : transaction.get(keys, [region, key.keyId])
    if (related) transaction.put(keys, [region, key.keyId], { ...related, ...sharedBy(key) })
  }
}

/** The keys of the set a key belongs to, itself among them; of a single-Region key: itself. */
export function relatedKeys(reader: Reader, key: KeyRecord, now: number): KeyRecord[] {
  return regionsOf(key).flatMap((region) => findKey(reader, region, key.keyId, now) ?? [])
}

/** The Regions of the set that a key belongs to; of a single-Region key: its own. */
export function regionsOf({ region, multiRegion }: KeyRecord): string[] {
  return multiRegion ? [multiRegion.primaryRegion, ...multiRegion.replicas.map((replica) => replica.region)] : [region]
}

/** KMS keeps these the same in all keys of a set; all else, state and policy too, is each key's own (KMS Developer Guide). */
export function sharedBy(key: KeyRecord) {
  const { currentMaterialId, materials, pendingMaterialId, rotation, onDemandRotation, multiRegion } = key
  return { currentMaterialId, materials, pendingMaterialId, rotation, onDemandRotation, multiRegion }
}

/** The keys of a multi-Region set share what a change may concern, so they share the lock. */
export function lockOfKey(region: string, keyId: string): string {
  return keyId.startsWith('mrk-') ? `kms key ${keyId}` : `kms key ${region} ${keyId}`
}

/** Every stored record, as it was written, of all accounts and Regions: for the sweeper. */
export async function* storedKeys(reader: Reader): AsyncGenerator<KeyRecord> {
  for await (const { value } of reader.entries(keys)) yield value
}

/** A key's record as it was written, whatever the clock has brought since. */
export function storedKey(reader: Reader, region: string, keyId: string): KeyRecord | undefined {
  return reader.get(keys, [region, keyId])
}

/** Removes the record alone: `key-removal.ts` removes a key. */
export function deleteKeyRecord(transaction: Transaction, { region, keyId }: KeyRecord): void {
  transaction.delete(keys, [region, keyId])
}

/** Whether no other key of its multi-Region set is stored. */
export function isLastOfSet(reader: Reader, key: KeyRecord): boolean {
  return regionsOf(key).every((region) => region === key.region || !storedKey(reader, region, key.keyId))
}

/** The account's keys behind `after`, in order of their ids. */
export async function* listKeys(
  reader: Reader,
  { accountId, region }: Place,
  now: number,
  after?: string,
): AsyncGenerator<KeyRecord> {
  const range = { within: [region], after: after === undefined ? undefined : [region, after] }
  for await (const { value } of reader.entries(keys, range)) {
    const key = value.accountId === accountId ? keyAt(value, now) : undefined
    if (key) yield key
  }
}

/** An alias; undefined also when its key is gone. */
export function findAlias(reader: Reader, place: Place, name: string, now: number): AliasRecord | undefined {
  const alias = reader.get(aliasRecords, [place.accountId, place.region, name])
  return alias && findKey(reader, place.region, alias.targetKeyId, now) ? alias : undefined
}

/** Points an alias at a key, whether or not it existed. */
export function putAlias(transaction: Transaction, place: Place, name: string, alias: AliasRecord): void {
  deleteAlias(transaction, place, name)
  transaction.put(aliasRecords, [place.accountId, place.region, name], alias)
  transaction.put(keyAliasRecords, [place.region, alias.targetKeyId, name], 0)
}

export function deleteAlias(transaction: Transaction, { accountId, region }: Place, name: string): void {
  const alias = transaction.get(aliasRecords, [accountId, region, name])
  if (!alias) return
  transaction.delete(aliasRecords, [accountId, region, name])
  transaction.delete(keyAliasRecords, [region, alias.targetKeyId, name])
}

/** The account's aliases behind `after`, in order of their names. */
export async function* listAliases(
  reader: Reader,
  { accountId, region }: Place,
  now: number,
  after?: string,
): AsyncGenerator<{ name: string; alias: AliasRecord }> {
  const within = [accountId, region]
  const range = { within, after: after === undefined ? undefined : [...within, after] }
  for await (const { key, value } of reader.entries(aliasRecords, range)) {
    if (findKey(reader, region, value.targetKeyId, now)) yield { name: key[2], alias: value }
  }
}

/** The aliases of the Region's keys from one id to another, both among them; in order of key ids, then of names. */
export async function* listAliasesOfKeys(
  reader: Reader,
  region: string,
  [first, last]: readonly [first: string, last: string],
): AsyncGenerator<{ keyId: string; name: string }> {
  for await (const { key } of reader.entries(keyAliasRecords, { within: [region], from: [region, first] })) {
    const [, keyId, name] = key
    if (keyId > last) return
    yield { keyId, name }
  }
}

/** The account's aliases whose names begin so, behind `after`, in order of their names. */
export async function* listAliasesBeginningWith(
  reader: Reader,
  { accountId, region }: Place,
  beginningWith: string,
  after?: string,
): AsyncGenerator<{ name: string; targetKeyId: string }> {
  const within = [accountId, region]
  const range = { within, beginningWith, after: after === undefined ? undefined : [...within, after] }
  for await (const { key, value } of reader.entries(aliasRecords, range)) {
    yield { name: key[2], targetKeyId: value.targetKeyId }
  }
}

/** The aliases of one key behind `after`, in order of their names. */
export async function* listAliasesOfKey(
  reader: Reader,
  { accountId, region, keyId }: KeyRecord,
  after?: string,
): AsyncGenerator<{ name: string; alias: AliasRecord }> {
  const within = [region, keyId]
  const range = { within, after: after === undefined ? undefined : [...within, after] }
  for await (const { key } of reader.entries(keyAliasRecords, range)) {
    const alias = reader.get(aliasRecords, [accountId, region, key[2]])
    if (alias?.targetKeyId === keyId) yield { name: key[2], alias }
  }
}
