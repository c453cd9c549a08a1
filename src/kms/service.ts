import { Explanations } from '../access/explanations.ts'
import type { Identities } from '../access/sides.ts'
import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import { NotAuthentic } from '../crypto/aead.ts'
import { type AnswerFault, ConnectionReset, type FaultSource } from '../fault-source.ts'
import { examine, faultError } from '../protocol/shapes.ts'
import type { RootKey } from '../root-key.ts'
import type { Database } from '../store/database.ts'
import type { LockRequest } from '../store/locks.ts'
import type { Trail } from '../trail/trail.ts'
import { Authorizer, type Ruling } from './access/authorization.ts'
import type { CallContext } from './call-context.ts'
import { outcomeOf } from './calls/audit.ts'
import { CallExplanations, isOfKms, type KmsExplanation } from './calls/explanations.ts'
import { find, type KeyLocation, locate, refuseAlias } from './calls/key-resolution.ts'
import { meetFaults } from './calls/met-faults.ts'
import { permit } from './calls/permission.ts'
import { requireUsable } from './calls/usable-key.ts'
import { isToBeSwept, sweepKeys } from './chores/key-sweep.ts'
import type { EncryptionContext } from './client.ts'
import { kmsErrors } from './errors.ts'
import { arnOf, type KeyRecord } from './keys/key.ts'
import { findNamedKey } from './keys/key-identifier.ts'
import { keysWithAliases, type ListedKey } from './keys/key-list.ts'
import { KeySchedule } from './keys/key-schedule.ts'
import { lockOfKey, type Place, storedKey } from './keys/key-store.ts'
import { openBlob, parseBlob } from './material/ciphertext-blob.ts'
import { canonicalContext } from './material/encryption-context.ts'
import { KeyMaterials } from './material/key-material.ts'
import { PrivateKeyMaker } from './material/private-keys.ts'
import type { KeyTarget, KmsCall, KmsOperation, KmsServices } from './operation.ts'
import { kmsOperations } from './operations/index.ts'
import type { SharedMembers } from './shapes.ts'

/*
 * Every KMS call, from the wire, from S3 or from a fixture file, takes this way and no other:
 *
 *   validate → normalize → locate keys → lock (shared: use, exclusive: change) → find → authorize → check usage and state → handle
 *            → DryRun → record → ONE commit of change and event → answer, or throw
 *
 * A call that fails leaves no change but its event.
 */

export interface KmsServiceOptions {
  database: Database
  ambient: Ambient
  rootKey: RootKey
  trail: Trail
  /** Who may do what of its own; without them every principal is an administrator of its account. */
  identities?: Identities
  /** Where S3 notes its requests too; one of its own where it is left out. */
  explanations?: Explanations
  /** What is to go wrong on purpose. */
  faults?: FaultSource
  /** Whether asymmetric keys can be created; otherwise they are refused by name. */
  asymmetricKeys?: boolean
}

export class KmsService {
  readonly #database: Database
  readonly #trail: Trail
  readonly #materials: KeyMaterials
  readonly #services: KmsServices
  readonly #ring: Explanations
  readonly #explanations: CallExplanations
  readonly #faults: FaultSource | undefined

  constructor({
    database,
    ambient,
    rootKey,
    trail,
    identities,
    explanations,
    faults,
    asymmetricKeys = false,
  }: KmsServiceOptions) {
    this.#database = database
    this.#faults = faults
    this.#trail = trail
    this.#materials = new KeyMaterials(rootKey, ambient)
    this.#ring = explanations ?? new Explanations(database)
    this.#explanations = new CallExplanations(this.#ring)
    const authorizer = new Authorizer(identities)
    const privateKeys = new PrivateKeyMaker()
    const schedule = new KeySchedule(database, isToBeSwept)
    const materials = this.#materials
    this.#services = { materials, ambient, rootKey, privateKeys, trail, authorizer, asymmetricKeys, schedule }
  }

  hasOperation(name: string): boolean {
    return kmsOperations.has(name)
  }

  /** The request that made a ciphertext, as long as it is among the calls in memory: nobody is asked, and no event is left. */
  makerOf(ciphertext: Buffer): string | undefined {
    return this.#explanations.makerOf(ciphertext)
  }

  /**
   * Performs one call and records it.
   * @param input as parsed from JSON: bytes are base64
   * @throws AwsError KMS's refusal, which the trail has by then
   */
  async invoke(name: string, input: unknown, context: CallContext): Promise<object | undefined> {
    const operation = kmsOperations.get(name)
    if (!operation) throw kmsErrors.UnknownOperationException()
    const call = this.#open(context)
    const progress: Progress = { keys: [], rulings: [] }
    let loss: AnswerFault | undefined
    try {
      const sent = readInput(operation, input)
      progress.sent = sent
      operation.check?.(sent)
      const normal = operation.normalize?.(sent) ?? sent
      const locations = (operation.keys?.(normal, call) ?? []).map((demand) => locate(call, name, demand))
      const locks = locksOf(operation, call, normal, locations)
      const faults = this.#faults?.active
      if (faults?.concern('kms', name)) {
        loss = await meetFaults(faults, { operation, call, normal, locations, progress })
      }
      const output = await this.#database.locks.with(locks, () => {
        return this.#settle(operation, call, normal, locations, progress)
      })
      if (loss !== undefined) throw new ConnectionReset()
      return output
    } catch (thrown) {
      // Of a call that never came nothing is told, of one that was performed all is by now.
      if (thrown instanceof ConnectionReset) throw thrown
      const { sent, keys, rulings, aliasName } = progress
      call.transaction.discard()
      this.#trail.append(call.transaction, outcomeOf(operation, call, { input: sent, thrown, keys, aliasName }))
      this.#explanations.noteRefusal(call, { operation: name, input: sent, keys, rulings }, thrown)
      await call.transaction.commit()
      throw loss === undefined ? thrown : new ConnectionReset(thrown)
    }
  }

  #open(context: CallContext): KmsCall {
    const place = { accountId: context.caller.accountId, region: context.region }
    const { ambient } = this.#services
    return { context, now: ambient.now(), transaction: this.#database.transaction(), place, services: this.#services }
  }

  /**
   * Why calls ended as they did.
   * @param id of a KMS request, of the S3 request that caused some, or `last`
   */
  async explain(id: string): Promise<KmsExplanation[]> {
    return (await this.#ring.find(id)).filter(isOfKms)
  }

  /**
   * Opens a ciphertext of a symmetric key for the emulator's own tools: whatever the key's state and policy, and without an event.
   * @returns undefined where the key is gone, or its material
   * @throws NotAuthentic where it was not sealed so
   */
  unseal(ciphertext: Buffer, context: EncryptionContext | undefined, region: string): Buffer | undefined {
    const header = parseBlob(ciphertext)
    if (!header) throw new NotAuthentic()
    const key = storedKey(this.#database, region, header.keyId)
    const material = key && this.#materials.open(this.#database, key, header.materialId)
    if (!material) return undefined
    const opened = openBlob(ciphertext, material, canonicalContext(context))
    if (!opened) throw new NotAuthentic()
    return opened
  }

  /**
   * Whether a call that nobody makes would be allowed, for the emulator's own tools: no event is left.
   * @returns undefined where there is no such key
   */
  async ask({
    caller,
    action,
    key: identifier,
    encryptionContext,
    via,
    region,
  }: AskedCall): Promise<Ruling | undefined> {
    const { ambient, authorizer } = this.#services
    const now = ambient.now()
    const place = { accountId: caller.accountId, region }
    const key = identifier === '*' ? undefined : findNamedKey(this.#database, place, identifier, now)
    if (identifier !== '*' && !key) return undefined
    const surroundings = { clientAddress: '127.0.0.1', userAgent: 's3kms-emu', secure: true, requestId: '' }
    const context = { caller, region, via, ...surroundings }
    const question = { context, now, action, input: {}, key, encryptionContext, resource: key ? arnOf(key) : '*' }
    return await authorizer.rule(this.#database, question)
  }

  /** The keys of an account in a Region, for the emulator's own tools: nobody's permission is asked, and no event is left. */
  keys(place: Place): Promise<ListedKey[]> {
    return keysWithAliases(this.#database, place, this.#services.ambient.now())
  }

  /** Cleans up behind what the clock brought to keys; now and then, in the background. */
  sweep(): Promise<void> {
    return sweepKeys({ database: this.#database, ...this.#services })
  }

  /**
   * When the clock changes a key next.
   * @param now ms since the epoch
   * @returns the same, later than `now`; undefined: it changes none
   */
  nextDue(now: number): Promise<number | undefined> {
    return this.#services.schedule.next(now)
  }

  /** What memory knows of a key that was changed is not so any more. */
  #noteChange(key: KeyRecord): void {
    this.#materials.forget(key)
    this.#services.schedule.look(key)
  }

  /**
   * Under the locks: from finding the keys to the commit.
   * @param input in its normal form, which all but the trail goes by
   */
  async #settle(
    operation: KmsOperation,
    call: KmsCall,
    input: SharedMembers,
    locations: readonly KeyLocation[],
    progress: Progress,
  ) {
    const { keys, rulings, sent } = progress
    const targets = locations.map((location): KeyTarget => {
      const key = find(call, location)
      keys.push(key)
      return { key, demand: location.demand, action: location.action }
    })
    const request = { input, targets }
    const asked = permit(operation, call, request, rulings)
    if (asked) await asked
    for (const target of targets) requireUsable(operation, target)
    const aliasName = operation.changesAlias?.(input)
    progress.aliasName = aliasName
    const handled = operation.handle(call, request)
    const result = handled instanceof Promise ? await handled : handled
    if (input.DryRun === true) throw kmsErrors.DryRunOperationException()
    this.#trail.append(call.transaction, outcomeOf(operation, call, { input: sent, result, keys, aliasName }))
    try {
      await call.transaction.commit()
    } finally {
      // What became of a write that failed is not known.
      if (operation.changesKeys) for (const key of keys) this.#noteChange(key)
    }
    this.#explanations.note(call, { operation: operation.name, input, keys, rulings }, result?.output)
    return result?.output
  }
}

/** The names of all KMS operations here, as events have them. */
export function kmsOperationNames(): string[] {
  return [...kmsOperations.keys()]
}

/** Whether policies are asked about an operation's keys; else they are asked about `*`, even where its event names keys. */
export function isAskedAboutKeys(name: string): boolean {
  const operation = kmsOperations.get(name)
  return operation?.keys !== undefined && operation.permission !== 'account'
}

/** A call that nobody makes. */
export interface AskedCall {
  caller: Caller
  /** `kms:Decrypt` */
  action: string
  /** Id, ARN or alias; `*` where it is about none. */
  key: string
  encryptionContext?: EncryptionContext
  via?: 's3'
  region: string
}

/** How far a call came: what its event and its explanation show if it fails. */
interface Progress {
  /** The input as it was sent; undefined while it was not found valid. */
  sent?: SharedMembers
  /** In the order they were demanded. */
  readonly keys: KeyRecord[]
  readonly rulings: Ruling[]
  /** The alias it changes, once it may. */
  aliasName?: string
}

/** @throws AwsError SerializationException, InvalidArnException, ValidationException: in that order */
function readInput({ input: shape, takesAliases }: KmsOperation, input: unknown): SharedMembers {
  const { value, faults } = examine(shape, input)
  if (faults.some(({ kind }) => kind === 'type')) throw faultError(faults)
  if (!takesAliases) refuseAlias(value)
  if (faults.length > 0) throw faultError(faults)
  return value
}

function locksOf(
  operation: KmsOperation,
  { place }: KmsCall,
  input: SharedMembers,
  locations: readonly KeyLocation[],
): LockRequest[] {
  const mode = operation.changesKeys ? 'exclusive' : 'shared'
  const locks: LockRequest[] = locations.map(({ keyId }) => ({ name: lockOfKey(place.region, keyId), mode }))
  const firstUse = locations.find(({ firstUseOf }) => firstUseOf !== undefined)
  const aliasName = firstUse?.firstUseOf ?? operation.changesAlias?.(input)
  if (aliasName === undefined) return locks
  return [...locks, { name: `kms alias ${place.accountId} ${place.region} ${aliasName}`, mode: 'exclusive' }]
}
