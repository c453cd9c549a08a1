import type { Ambient } from '../../ambient.ts'
import { hmac, hmacText } from '../../crypto/hmac.ts'
import type { RootKey } from '../../root-key.ts'
import type { Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import { type KeyRecord, materialsOf } from '../keys/key.ts'

/** Backing material at rest: sealed under the root key, bound to its key and its own id. */
export interface MaterialRecord {
  sealed: string
}

/** Scope (the key, or an imported key in its Region), material id */
export const materialRecords = recordKind<MaterialRecord>()('keyMaterial', ['string', 'string'])
const cacheLimit = 1000

/**
 * The backing material of keys. Opened material is kept in memory, as much as `cacheLimit` says: unsealing on every call
 * would cost more than the call. Whether a key may be used is never read from here.
 *
 *   first material of AWS_KMS   random, sealed          EXTERNAL   as imported, sealed, each Region its own
 *   later ones (rotation)       HMAC(first, material id), never stored: made when first needed, the same for all who need it
 */
export class KeyMaterials {
  readonly #rootKey: RootKey
  readonly #ambient: Ambient
  readonly #opened = new Map<string, Buffer>()

  constructor(rootKey: RootKey, ambient: Ambient) {
    this.#rootKey = rootKey
    this.#ambient = ambient
  }

  /** Makes new material for a key of origin AWS_KMS. @returns its id */
  create(transaction: Transaction, keyId: string, length = 32): string {
    return this.keep(transaction, { keyId, origin: 'AWS_KMS', region: '' }, this.#ambient.randomBytes(length))
  }

  /** Stores material for a key. @returns its id */
  keep(transaction: Transaction, key: Owner, material: Uint8Array): string {
    const materialId = materialIdOf(key.keyId, material)
    const scope = scopeOf(key)
    const sealed = this.#rootKey.seal(purposeOf(scope, materialId), material)
    transaction.put(materialRecords, [scope, materialId], { sealed })
    return materialId
  }

  /** @returns undefined when the key has no such material (any more) */
  open(reader: Reader, key: KeyRecord, materialId: string): Buffer | undefined {
    if (key.origin === 'EXTERNAL') {
      return key.imports?.[materialId] && this.#unseal(reader, scopeOf(key), materialId)
    }
    const first = materialsOf(key)[0]?.materialId
    const material = first === undefined ? undefined : this.#unseal(reader, scopeOf(key), first)
    return material && materialId !== first ? rotatedMaterial(material, materialId) : material
  }

  delete(transaction: Transaction, key: Owner, materialId: string): void {
    transaction.delete(materialRecords, [scopeOf(key), materialId])
    this.#opened.delete(`${scopeOf(key)}/${materialId}`)
  }

  /** The ids of all that is stored for a key. */
  async *kept(reader: Reader, key: Owner): AsyncGenerator<string> {
    for await (const { key: parts } of reader.entries(materialRecords, { within: [scopeOf(key)] })) yield parts[1]
  }

  /** Forgets what is opened of a key, after any change of it. */
  forget(key: Owner): void {
    const scope = `${scopeOf(key)}/`
    for (const name of this.#opened.keys()) if (name.startsWith(scope)) this.#opened.delete(name)
  }

  #unseal(reader: Reader, scope: string, materialId: string): Buffer | undefined {
    const name = `${scope}/${materialId}`
    const known = this.#opened.get(name)
    if (known) return known
    const record = reader.get(materialRecords, [scope, materialId])
    if (!record) return undefined
    const material = this.#rootKey.open(purposeOf(scope, materialId), record.sealed)
    this.#remember(name, material)
    return material
  }

  #remember(name: string, material: Buffer): void {
    const [oldest] = this.#opened.keys()
    if (this.#opened.size >= cacheLimit && oldest !== undefined) this.#opened.delete(oldest)
    this.#opened.set(name, material)
  }
}

type Owner = Pick<KeyRecord, 'keyId' | 'origin' | 'region'>

/** Keys of a multi-Region set share the material KMS made; imported material is imported into each of them. */
export function scopeOf({ keyId, origin, region }: Owner): string {
  return origin === 'EXTERNAL' ? `${region} ${keyId}` : keyId
}

/** Follows from the material, so that importing the same material again is the same material. Tells nothing of it. */
export function materialIdOf(keyId: string, material: Uint8Array): string {
  return hmacText('sha256', material, [`key material id ${keyId}`], 'hex')
}

function rotatedMaterial(first: Buffer, materialId: string): Buffer {
  return hmac('sha256', first, `kms key rotation ${materialId}`)
}

export function purposeOf(scope: string, materialId: string): string {
  return `kms key material ${scope} ${materialId}`
}
