import type { Ambient } from '../ambient.ts'
import type { Shape } from '../protocol/shapes.ts'
import type { RootKey } from '../root-key.ts'
import type { Transaction } from '../store/database.ts'
import type { Trail } from '../trail/trail.ts'
import type { Authorizer, Question } from './access/authorization.ts'
import type { ConditionValues } from './access/condition-keys.ts'
import type { CallContext } from './call-context.ts'
import type { EncryptionContext } from './client.ts'
import type { GrantTerms } from './grants/grant-store.ts'
import type { KeyState } from './key-state.ts'
import type { KeyRecord } from './keys/key.ts'
import type { KeySchedule } from './keys/key-schedule.ts'
import type { KeyUsage } from './keys/key-specs.ts'
import type { Place } from './keys/key-store.ts'
import type { BlobHeader } from './material/ciphertext-blob.ts'
import type { KeyMaterials } from './material/key-material.ts'
import type { PrivateKeyMaker } from './material/private-keys.ts'
import type { SharedMembers } from './shapes.ts'

/*
 * What an operation is, and what its `handle` is given:
 *
 *   declared                                      done before `handle`                          given to it
 *   input, check, normalize                       read, in AWS's words for every fault          input
 *   keys, usage, symmetric, usableIn              found, locked, permitted, usable              targets: one for each demand
 *   conditionKeys, alsoAsks, permission           policies and grants asked
 *
 * It returns the output and what the trail shows beside it, and changes nothing but what is in the call's transaction.
 */

/** A key that an operation touches, and what it wants of it. */
export interface KeyDemand {
  /** As sent; undefined when the ciphertext alone names the key. */
  identifier?: string
  /** The blob to be opened: it names the key that must be meant. */
  ciphertext?: BlobHeader
  /** What policies and grants are asked about, where it is not `kms:` and the operation's name. */
  action?: string
  encryptionContext?: EncryptionContext
  /** Of encryption and decryption. */
  encryptionAlgorithm?: string
  /** Of CreateGrant: what the new grant would permit. */
  terms?: GrantTerms
  /** Where this key's demand differs from the operation's. */
  usableIn?: readonly KeyState[]
}

/** A demand and its key. */
export interface KeyTarget {
  demand: KeyDemand
  key: KeyRecord
  /** `kms:Decrypt` */
  action: string
}

/** What `handle` is given: the input in its normal form, and the keys in the order they were demanded. */
export interface KmsRequest<Input, Demands extends readonly KeyDemand[] = readonly KeyDemand[]> {
  input: Input
  targets: { readonly [Index in keyof Demands]: KeyTarget }
}

/** What `handle` returns: the answer, and what the event shows that neither input nor output has. */
export interface KmsResult {
  output?: KmsOutput
  additionalEventData?: Record<string, string>
  /** The keys that the call made: resources of its event, as its targets are. */
  made?: readonly KeyRecord[]
}

/** An answer; the members that mean the same in every answer that has them are typed. */
export interface KmsOutput {
  CiphertextBlob?: Buffer
  PrivateKeyCiphertextBlob?: Buffer
  [member: string]: unknown
}

/** A question beside those about the keys. What it leaves out is as in all questions of the call. */
export type FurtherQuestion = Pick<Question, 'action' | 'resource'> & Partial<Question>

/** An operation as declared; what its audit lists are made of is checked against its input. */
export interface OperationDeclaration<Input, Demands extends readonly KeyDemand[]> {
  name: string
  input: Shape<Input>
  /** CloudTrail's word. */
  readOnly: boolean
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. Nothing: as AWS does, as far as is known. */
  differs?: string
  /** `KeyId` may be an alias too. Where it may not, an alias is refused before anything else that is wrong with the input. */
  takesAliases?: boolean
  /** Rules between members that no shape states; before any key is looked for. */
  check?(input: Input): void
  /**
   * The input as it counts: what says nothing is left out, and what can be spelt in several ways is spelt in one. Policies,
   * grants and the handler see no other; the trail shows what was sent.
   */
  normalize?(input: Input): Input
  /** The keys it touches, in the order they are asked about. */
  keys?(input: Input, call: KmsCall): Demands
  /**
   * What policies are asked about where it is not each of its keys: `account`, identity policies alone, for `*`; `grant`, what
   * `alsoAsks` says alone. Operations without keys ask for `*`.
   */
  permission?: 'account' | 'grant'
  /** What else must be allowed. */
  alsoAsks?(call: KmsCall, request: KmsRequest<Input, Demands>): readonly FurtherQuestion[]
  /** The condition keys that policies read from its input, by AWS's names. */
  conditionKeys?(input: Input): ConditionValues
  /** It changes its keys: nobody may be using them meanwhile, and what is kept of them in memory is forgotten. */
  changesKeys?: boolean
  /** The alias it changes. */
  changesAlias?(input: Input): string
  /** What its keys must be for. This is looked at before their state. */
  usage?: KeyUsage
  /** Only symmetric encryption keys do; the words of the refusal. */
  symmetricOnly?: string
  /** Key states it works in; all when not given. */
  usableIn?: readonly KeyState[]
  audit: Audit<keyof Input & string>
  /** What is left to do. A throw discards every change. */
  handle(call: KmsCall, request: KmsRequest<Input, Demands>): Handled | Promise<Handled>
}

/** Undefined: there is nothing to answer, and nothing more to show. */
type Handled = KmsResult | undefined

/** What of a call the trail shows: ALLOW-lists, so that no plaintext, ciphertext or token can slip in. */
export interface Audit<Name extends string = string> {
  request: readonly Name[]
  /** Shown whether sent or not. */
  defaults?: Record<string, unknown>
  response?: readonly string[]
  /** The response elements name the key, though the output does not. */
  showsKey?: boolean
}

/** An operation in the table. */
export interface KmsOperation extends Omit<OperationDeclaration<SharedMembers, readonly KeyDemand[]>, 'audit'> {
  audit: Audit
}

/** Declares an operation: types its parts against its input shape and its demands, and forgets the types for the table. */
export function kmsOperation<Input extends object, const Demands extends readonly KeyDemand[] = readonly []>(
  declaration: OperationDeclaration<Input, Demands>,
): KmsOperation {
  return declaration
}

/** What the handlers of all calls share. */
export interface KmsServices {
  materials: KeyMaterials
  ambient: Ambient
  rootKey: RootKey
  privateKeys: PrivateKeyMaker
  trail: Trail
  authorizer: Authorizer
  /** When the clock changes which key. */
  schedule: KeySchedule
  /** Whether asymmetric keys can be created. */
  asymmetricKeys: boolean
}

/** One call: who makes it, when and where. Nothing of it changes on the call's way, but for what its transaction gathers. */
export interface KmsCall {
  readonly context: CallContext
  /** ms since the epoch, one moment for the whole call */
  readonly now: number
  readonly transaction: Transaction
  /** The caller's account in the called Region: where bare ids are looked up and new keys are made. */
  readonly place: Place
  readonly services: KmsServices
}
