import type { Ambient } from '../ambient.ts'
import { validate } from '../protocol/shapes.ts'
import type { RootKey } from '../root-key.ts'
import type { Database } from '../store/database.ts'
import type { LockRequest } from '../store/locks.ts'
import type { Trail } from '../trail/trail.ts'
import { Authorizer, type Identities } from './access/authorization.ts'
import type { CallContext } from './call-context.ts'
import { outcomeOf } from './calls/audit.ts'
import { type Explanation, Explanations } from './calls/explanations.ts'
import { find, locate, requireKeyOfCiphertext, type Target } from './calls/key-resolution.ts'
import { permit } from './calls/permission.ts'
import { sweepKeys } from './chores/key-sweep.ts'
import { kmsErrors, stateError } from './errors.ts'
import { arnOf, type KeyRecord, stateOf } from './keys/key.ts'
import { s3Alias } from './keys/key-identifier.ts'
import { keysWithAliases, type ListedKey } from './keys/key-list.ts'
import { lockOfKey, type Place } from './keys/key-store.ts'
import { KeyMaterials } from './material/key-material.ts'
import { KmsCall, type KmsOperation, type KmsServices } from './operation.ts'
import { kmsOperations } from './operations/index.ts'

/*
 * THE ONE DOOR. Every KMS call, from the wire, from S3 or from a fixture file, takes this way and no other:
 *
 *   validate → normalize → locate keys → lock (shared: use, exclusive: change) → find → authorize → check state and usage → handle
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
  /** Whether asymmetric keys can be created; otherwise they are refused by name. */
  asymmetricKeys?: boolean
}

export class KmsService {
  readonly #database: Database
  readonly #trail: Trail
  readonly #materials: KeyMaterials
  readonly #services: KmsServices
  readonly #explanations: Explanations

  constructor({ database, ambient, rootKey, trail, identities, asymmetricKeys = false }: KmsServiceOptions) {
    this.#database = database
    this.#trail = trail
    this.#materials = new KeyMaterials(rootKey, ambient)
    this.#explanations = new Explanations(database)
    const authorizer = new Authorizer(identities)
    this.#services = { materials: this.#materials, ambient, rootKey, trail, authorizer, asymmetricKeys }
  }

  hasOperation(name: string): boolean {
    return kmsOperations.has(name)
  }

  /**
   * Performs one call and records it.
   * @param input as parsed from JSON: bytes are base64
   * @throws AwsError KMS's refusal, which the trail has by then
   */
  async invoke(name: string, input: unknown, context: CallContext): Promise<object | undefined> {
    const operation = kmsOperations.get(name)
    if (!operation) throw kmsErrors.UnknownOperationException()
    const call = new KmsCall(context, this.#database.transaction(), this.#services)
    let valid: object | undefined
    try {
      const accepted = validate(operation.input, input)
      valid = accepted
      operation.check?.(accepted)
      const normal = operation.normalize?.(accepted) ?? accepted
      const targets = (operation.keys?.(normal, call) ?? []).map((demand) => locate(call, operation.name, demand))
      const locks = locksOf(operation, call, normal, targets)
      return await this.#database.locks.with(locks, () => this.#settle(operation, call, accepted, normal, targets))
    } catch (thrown) {
      call.transaction.discard()
      this.#trail.append(call.transaction, outcomeOf(operation, call, { input: valid, thrown }))
      this.#explanations.noteRefusal(call, name, valid, thrown)
      await call.transaction.commit()
      throw thrown
    }
  }

  /**
   * Why calls ended as they did.
   * @param id of a KMS request, of the S3 request that caused some, or `last`
   */
  explain(id: string): Promise<Explanation[]> {
    return this.#explanations.find(id)
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
   * Under the locks: from finding the keys to the commit.
   * @param sent the input as the trail shows it
   * @param input its normal form, which all else goes by
   */
  async #settle(operation: KmsOperation, call: KmsCall, sent: object, input: object, targets: readonly Target[]) {
    findKeys(call, targets)
    await permit(operation, call, input, targets)
    checkKeys(operation, call, targets)
    const output = await operation.handle(call, input)
    if (isDryRun(input)) throw kmsErrors.DryRunOperationException()
    this.#trail.append(call.transaction, outcomeOf(operation, call, { input: sent, output }))
    await call.transaction.commit()
    this.#explanations.note(call, operation.name, input, output)
    if (operation.changesKeys) for (const key of call.keys) this.#materials.forget(key)
    return output
  }
}

/** The names of all KMS operations here, as events have them. */
export function kmsOperationNames(): string[] {
  return [...kmsOperations.keys()]
}

function locksOf(
  operation: KmsOperation,
  { place }: KmsCall,
  input: object,
  targets: readonly Target[],
): LockRequest[] {
  const mode = operation.changesKeys ? 'exclusive' : 'shared'
  const locks: LockRequest[] = targets.map(({ keyId }) => ({ name: lockOfKey(place.region, keyId), mode }))
  const aliasName = targets.some(({ isFirstUse }) => isFirstUse) ? s3Alias : operation.changesAlias?.(input)
  if (aliasName === undefined) return locks
  return [...locks, { name: `kms alias ${place.accountId} ${place.region} ${aliasName}`, mode: 'exclusive' }]
}

function findKeys(call: KmsCall, targets: readonly Target[]): void {
  for (const target of targets) {
    const key = find(call, target)
    call.keys.push(key)
    call.touchKey(key)
  }
}

/** @throws AwsError the first refusal: of a key that is not the ciphertext's, of its state, or of its usage */
function checkKeys(operation: KmsOperation, call: KmsCall, targets: readonly Target[]): void {
  for (const [index, { demand }] of targets.entries()) {
    const key = call.keys[index] ?? call.key
    requireKeyOfCiphertext(demand, key)
    checkState(operation, key, demand.usableIn)
  }
}

function checkState({ usableIn, usage, name }: KmsOperation, key: KeyRecord, ofDemand: KmsOperation['usableIn']): void {
  const states = ofDemand ?? usableIn
  const state = stateOf(key)
  if (states && !states.includes(state)) throw refusalOf(key, states)
  if (usage === undefined || key.keyUsage === usage) return
  throw kmsErrors.InvalidKeyUsageException(`${arnOf(key)} key usage is ${key.keyUsage} which is not valid for ${name}.`)
}

/** CancelKeyDeletion alone wants a key that is pending deletion: any other state is that it is not. */
function refusalOf(key: KeyRecord, states: NonNullable<KmsOperation['usableIn']>) {
  return stateError(arnOf(key), states.includes('Enabled') ? stateOf(key) : 'Enabled')
}

/** Members of any input whose shape declares them. */
function isDryRun(input: object): boolean {
  return 'DryRun' in input && input.DryRun === true
}
