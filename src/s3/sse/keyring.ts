import { timingSafeEqual } from 'node:crypto'
import type { Ambient } from '../../ambient.ts'
import { deriveKey, extractSecret, saltSize } from '../../crypto/aead.ts'
import type { RootKey } from '../../root-key.ts'
import type { Database } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { CustomerKey, EnvelopeRecord } from './envelope.ts'
import { sseErrors, words } from './errors.ts'

/*
 * Key-encryption keys that S3 has without KMS:
 *
 *   SSE-S3     a root for each Region and purpose, sealed under the root key of the store; it has the name of the account that the
 *              emulator had when it was made
 *   SSE-C      customer key ──HKDF, fresh salt──▶ wrap key (seals the object key) and check value (detects a wrong key)
 *
 * Of a customer's key only salt and check value are stored; neither the key nor its MD5.
 */

/** account, Region, purpose → root, sealed */
export const sseRoots = recordKind<string>()('sseRoot', ['string', 'string', 'string'])

/** The purposes of roots: one root for each, so that no two layers depend on one key. */
export type RootPurpose = 'SSE-S3' | 'DSSE-KMS' | 'SSE-C'

export class ManagedKeys {
  readonly #database: Database
  readonly #rootKey: RootKey
  readonly #ambient: Ambient
  readonly #accountId: string
  /** By its sealed form, so that a reset of the store voids it. */
  #opened = new Map<string, Buffer>()

  constructor(database: Database, rootKey: RootKey, ambient: Ambient, accountId: string) {
    this.#database = database
    this.#rootKey = rootKey
    this.#ambient = ambient
    this.#accountId = accountId
  }

  /** S3's own key of a Region for a purpose, made at its first use. */
  async root(region: string, purpose: RootPurpose): Promise<Buffer> {
    const sealed = this.#sealed(region, purpose)
    return sealed === undefined
      ? ((await this.#ofAnother(region, purpose)) ?? this.#make(region, purpose))
      : this.#open(purposeOfRoot(this.#accountId, region, purpose), sealed)
  }

  #sealed(region: string, purpose: RootPurpose): string | undefined {
    return this.#database.get(sseRoots, [this.#accountId, region, purpose])
  }

  #open(name: string, sealed: string): Buffer {
    const known = this.#opened.get(sealed)
    if (known) return known
    const opened = this.#rootKey.open(name, sealed)
    this.#opened.set(sealed, opened)
    return opened
  }

  /** What the store has sealed must open in an emulator of another account, too: one that was started anew, or took an export. */
  async #ofAnother(region: string, purpose: RootPurpose): Promise<Buffer | undefined> {
    for await (const { key, value } of this.#database.entries(sseRoots)) {
      if (key[1] === region && key[2] === purpose) return this.#open(purposeOfRoot(...key), value)
    }
    return undefined
  }

  #make(region: string, purpose: RootPurpose): Promise<Buffer> {
    const name = purposeOfRoot(this.#accountId, region, purpose)
    return this.#database.locks.with([{ name, mode: 'exclusive' }], async () => {
      const present = this.#sealed(region, purpose)
      if (present !== undefined) return this.#open(name, present)
      const sealed = this.#rootKey.seal(name, this.#ambient.randomBytes(32))
      await this.#database.transact((transaction) =>
        transaction.put(sseRoots, [this.#accountId, region, purpose], sealed),
      )
      return this.#open(name, sealed)
    })
  }
}

export function purposeOfRoot(accountId: string, region: string, purpose: string): string {
  return `s3 root ${accountId} ${region} ${purpose}`
}

/** What is stored of a customer's key, and the key it wraps with. */
export interface CustomerWrap {
  wrapKey: Buffer
  fields: { salt: string; check: string }
}

/** A fresh salt for a customer's key. */
export function newCustomerWrap({ key }: CustomerKey, ambient: Ambient): CustomerWrap {
  const salt = ambient.randomBytes(saltSize)
  const check = keyOf(key, salt, checkInfo).toString('base64')
  return { wrapKey: keyOf(key, salt, wrapInfo), fields: { salt: salt.toString('base64'), check } }
}

/** The wrap key of a stored object; only for a key that `isCustomerKeyOf` it. */
export function customerWrapKey(record: EnvelopeRecord, { key }: CustomerKey): Buffer {
  return keyOf(key, saltOf(record), wrapInfo)
}

/** Whether the key is the one the object was stored with. */
export function isCustomerKeyOf(record: EnvelopeRecord, { key }: CustomerKey): boolean {
  const check = Buffer.from(record.sealed?.check ?? '', 'base64')
  const given = keyOf(key, saltOf(record), checkInfo)
  return check.length === given.length && timingSafeEqual(check, given)
}

/**
 * Refuses a wrong key: 403 where an object is read, 400 where a part is added (another key than its upload's).
 * Does nothing for objects without a customer's key.
 * @throws AwsError
 */
export function checkCustomerKey(
  record: EnvelopeRecord,
  customerKey: CustomerKey | undefined,
  use: 'read' | 'part' = 'read',
): void {
  if (record.scheme !== 'SSE-C' || !customerKey || isCustomerKeyOf(record, customerKey)) return
  throw use === 'read' ? sseErrors.AccessDenied(words.wrongKey) : sseErrors.InvalidRequest(words.partKeyDiffers)
}

const nothing = Buffer.alloc(0)
const wrapInfo = 's3kms-emu customer key 1 wrap'
const checkInfo = 's3kms-emu customer key 1 check'

/** A customer's key need not be uniform. */
function keyOf(customerKey: Uint8Array, salt: Buffer, info: string): Buffer {
  return deriveKey(extractSecret(customerKey, salt), nothing, info)
}

function saltOf(record: EnvelopeRecord): Buffer {
  return Buffer.from(record.sealed?.salt ?? '', 'base64')
}
