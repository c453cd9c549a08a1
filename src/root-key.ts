import type { Ambient } from './ambient.ts'
import { NotAuthentic, openSalted, saltSize, sealSalted } from './crypto/aead.ts'
import type { Database } from './store/database.ts'
import { recordKind } from './store/keyspace.ts'

/**
 * The key that seals secrets at rest (KMS key material, S3's own SSE roots). Given by the user, or made at first start and
 * kept in the store (which then protects against nothing but a careless look into the files; the README says so).
 */
export interface RootKey {
  /** Seals bytes under AAD `purpose`; base64. */
  seal(purpose: string, plaintext: Uint8Array): string
  /** @throws Error when the text was sealed for another purpose or changed */
  open(purpose: string, sealed: string): Buffer
}

/** The data folder's secrets are sealed under another root key than the one at hand. Nothing was touched. */
export class WrongRootKey extends Error {}

/** `own`: the key itself, base64, of a store that was made without one. `check`: something sealed under the root key. */
export const rootKeyRecords = recordKind<string>()('rootKey', ['string'])
const info = 's3kms-emu root key 1'
const checkPurpose = 'root key check'
const checkText = Buffer.from('the root key of this store')
const shortestKey = 32

/**
 * Opens the root key of a store, and makes one where there is none yet.
 * @param given the user's; undefined: the store's own
 * @throws WrongRootKey when the store was made with another, or with one and none is given
 */
export async function openRootKey(database: Database, ambient: Ambient, given?: Buffer): Promise<RootKey> {
  if (given && given.length < shortestKey)
    throw new WrongRootKey(`The root key must have at least ${shortestKey} bytes`)
  const check = database.get(rootKeyRecords, ['check'])
  if (check === undefined) return makeRootKey(database, ambient, given)
  const own = database.get(rootKeyRecords, ['own'])
  const secret = given ?? (own === undefined ? undefined : Buffer.from(own, 'base64'))
  if (!secret) throw new WrongRootKey('The data folder was made with a root key: start with the same one')
  const rootKey = rootKeyOf(secret, ambient)
  if (!opensCheck(rootKey, check)) throw new WrongRootKey(wordsFor(own !== undefined))
  return rootKey
}

/** What a store has of its root key: the key itself, where it was given none, and something sealed under it. */
export interface StoredRootKey {
  own?: string
  check?: string
}

/** The root key's records, of a store or of a state of one. */
export function storedRootKey(read: (kind: typeof rootKeyRecords, key: [string]) => string | undefined): StoredRootKey {
  return { own: read(rootKeyRecords, ['own']), check: read(rootKeyRecords, ['check']) }
}

/**
 * Why an emulator cannot take over what is sealed under a root key, in words for whoever started it; undefined: it can.
 * @param stored where the secrets come from
 * @param given what this emulator was started with
 */
export function rootKeyFault({ own, check }: StoredRootKey, given: Buffer | undefined): string | undefined {
  if (own !== undefined && given)
    return 'It brings a root key of its own: start an emulator without --root-key-file and S3KMS_ROOT_KEY for it'
  const secret = given ?? (own === undefined ? undefined : Buffer.from(own, 'base64'))
  if (!secret)
    return 'It is sealed under a root key that was given: start an emulator with the same --root-key-file or S3KMS_ROOT_KEY for it'
  if (check === undefined || opensCheck(rootKeyOf(secret, noChance), check)) return undefined
  return 'It is sealed under another root key: start an emulator with the same one for it'
}

/** Opening takes none. */
const noChance = { randomBytes: () => Buffer.alloc(0) }

async function makeRootKey(database: Database, ambient: Ambient, given?: Buffer): Promise<RootKey> {
  const secret = given ?? ambient.randomBytes(shortestKey)
  const rootKey = rootKeyOf(secret, ambient)
  await database.transact((transaction) => {
    if (!given) transaction.put(rootKeyRecords, ['own'], secret.toString('base64'))
    transaction.put(rootKeyRecords, ['check'], rootKey.seal(checkPurpose, checkText))
  })
  return rootKey
}

function wordsFor(hasOwn: boolean): string {
  return hasOwn
    ? 'The data folder has a root key of its own, made at its first start: start without one'
    : 'The root key is not the one this data folder was made with'
}

function opensCheck(rootKey: RootKey, check: string): boolean {
  try {
    return rootKey.open(checkPurpose, check).equals(checkText)
  } catch (error) {
    if (error instanceof NotAuthentic) return false
    throw error
  }
}

function rootKeyOf(secret: Buffer, ambient: Pick<Ambient, 'randomBytes'>): RootKey {
  return {
    seal: (purpose, plaintext) =>
      sealSalted(secret, ambient.randomBytes(saltSize), info, purpose, plaintext).toString('base64'),
    open: (purpose, sealed) => openSalted(secret, info, purpose, Buffer.from(sealed, 'base64')),
  }
}
