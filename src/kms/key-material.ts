import { createHmac } from 'node:crypto'
import type { Ambient } from '../ambient.ts'
import type { RootKey } from '../root-key.ts'
import type { Reader, Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'

/** Backing material at rest: sealed under the root key, bound to its key and its own id. */
interface MaterialRecord {
  sealed: string
}

/** key id, material id. Not the Region: replicas of a multi-Region key share their material. */
const materials = recordKind<MaterialRecord>()('keyMaterial', ['string', 'string'])
const cacheLimit = 1000

/**
 * The backing material of symmetric keys, 256 random bits each. Opened material is kept in memory for as many keys as
 * `cacheLimit` says: unsealing on every call would cost more than the call. Whether a key may be used is never read from here.
 */
export class KeyMaterials {
  readonly #rootKey: RootKey
  readonly #ambient: Ambient
  readonly #opened = new Map<string, Buffer>()

  constructor(rootKey: RootKey, ambient: Ambient) {
    this.#rootKey = rootKey
    this.#ambient = ambient
  }

  /** Makes new material for a key. @returns its id */
  create(transaction: Transaction, keyId: string): string {
    const material = this.#ambient.randomBytes(32)
    const materialId = materialIdOf(keyId, material)
    transaction.put(materials, [keyId, materialId], {
      sealed: this.#rootKey.seal(purposeOf(keyId, materialId), material),
    })
    return materialId
  }

  /** @returns undefined when the material does not exist (any more) */
  open(reader: Reader, keyId: string, materialId: string): Buffer | undefined {
    const name = `${keyId}/${materialId}`
    const known = this.#opened.get(name)
    if (known) return known
    const record = reader.get(materials, [keyId, materialId])
    if (!record) return undefined
    const material = this.#rootKey.open(purposeOf(keyId, materialId), record.sealed)
    this.#keep(name, material)
    return material
  }

  /** Forgets what is opened of a key, after any change of it. */
  forget(keyId: string): void {
    for (const name of this.#opened.keys()) if (name.startsWith(`${keyId}/`)) this.#opened.delete(name)
  }

  #keep(name: string, material: Buffer): void {
    const [oldest] = this.#opened.keys()
    if (this.#opened.size >= cacheLimit && oldest !== undefined) this.#opened.delete(oldest)
    this.#opened.set(name, material)
  }
}

/** Follows from the material, so that importing the same material again is the same material. Tells nothing of it. */
function materialIdOf(keyId: string, material: Uint8Array): string {
  return createHmac('sha256', material).update(`key material id ${keyId}`).digest('hex')
}

function purposeOf(keyId: string, materialId: string): string {
  return `kms key material ${keyId} ${materialId}`
}
