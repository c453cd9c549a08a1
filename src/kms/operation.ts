import type { Ambient } from '../ambient.ts'
import { aliasArn } from '../aws/arn.ts'
import type { Shape } from '../protocol/shapes.ts'
import type { RootKey } from '../root-key.ts'
import type { Transaction } from '../store/database.ts'
import type { TrailResource } from '../trail/event.ts'
import type { Trail } from '../trail/trail.ts'
import type { Authorizer, Ruling } from './access/authorization.ts'
import type { CallContext } from './call-context.ts'
import type { EncryptionContext } from './client.ts'
import type { KeyState } from './key-state.ts'
import { arnOf, type KeyRecord } from './keys/key.ts'
import type { KeyUsage } from './keys/key-specs.ts'
import type { Place } from './keys/key-store.ts'
import type { BlobHeader } from './material/ciphertext-blob.ts'
import type { KeyMaterials } from './material/key-material.ts'

/** A key an operation touches, and what it wants of it. */
export interface KeyDemand {
  /** As sent; undefined when the ciphertext alone names the key. */
  identifier?: string
  /** Aliases name a key too. Where they do not, they are refused with InvalidArnException. */
  aliases?: boolean
  /** The blob to be opened: it names the key that must be meant. */
  ciphertext?: BlobHeader
  /** What policies and grants are asked about, where it is not `kms:` and the operation's name. */
  action?: string
  encryptionContext?: EncryptionContext
  /** Where this key's demand differs from the operation's. */
  usableIn?: readonly KeyState[]
}

/** An operation as declared; what its audit lists are made of is checked against its input. */
export interface OperationDeclaration<Input> {
  name: string
  input: Shape<Input>
  /** CloudTrail's word. */
  readOnly: boolean
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. Nothing: as AWS does, as far as is known. */
  differs?: string
  /** Rules between members that no shape states; before any key is looked for. */
  check?(input: Input): void
  /**
   * The input as it counts: what says nothing is left out, and what can be spelt in several ways is spelt in one. Policies,
   * grants and the handler see no other; the trail shows what was sent.
   */
  normalize?(input: Input): Input
  /** The keys it touches, in the order they are asked about. */
  keys?(input: Input, call: KmsCall): KeyDemand[]
  /**
   * What policies are asked about where it is not each of its keys: `account`, identity policies alone, for `*`; `grant`, the
   * handler asks. Operations without keys ask for `*`.
   */
  permission?: 'account' | 'grant'
  /** Actions that identity policies must allow too, for `*`. */
  alsoNeeds?(input: Input): readonly string[]
  /** It changes its keys: nobody may be using them meanwhile, and what is kept of them in memory is forgotten. */
  changesKeys?: boolean
  /** The alias it changes. */
  changesAlias?(input: Input): string
  /** Key states it works in; all when not given. */
  usableIn?: readonly KeyState[]
  /** What its keys must be for. */
  usage?: KeyUsage
  audit: Audit<keyof Input & string>
  /** What is left to do. Its keys are found, locked, permitted and in the right state; a throw discards every change. */
  handle(call: KmsCall, input: Input): object | undefined | Promise<object | undefined>
}

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
export interface KmsOperation extends Omit<OperationDeclaration<object>, 'audit'> {
  audit: Audit
}

/** Declares an operation: types its parts against its input shape, and forgets the type for the table. */
export function kmsOperation<Input extends object>(declaration: OperationDeclaration<Input>): KmsOperation {
  return declaration
}

/** What the handlers of all calls share. */
export interface KmsServices {
  materials: KeyMaterials
  ambient: Ambient
  rootKey: RootKey
  trail: Trail
  authorizer: Authorizer
  /** Whether asymmetric keys can be created. */
  asymmetricKeys: boolean
}

/** One call on its way through the service: what the handler may see and touch. */
export class KmsCall {
  readonly context: CallContext
  /** ms since the epoch, one moment for the whole call */
  readonly now: number
  readonly transaction: Transaction
  readonly services: KmsServices
  readonly materials: KeyMaterials
  readonly ambient: Ambient
  /** The caller's account in the called Region: where bare ids are looked up and new keys are made. */
  readonly place: Place
  /** The keys demanded, in that order. */
  readonly keys: KeyRecord[] = []
  readonly resources: TrailResource[] = []
  /** What was asked of policies and grants, and how they answered. */
  readonly rulings: Ruling[] = []
  /** What the trail shows beside request and response. */
  additionalEventData: Record<string, string> | undefined

  constructor(context: CallContext, transaction: Transaction, services: KmsServices) {
    this.context = context
    this.transaction = transaction
    this.services = services
    this.materials = services.materials
    this.ambient = services.ambient
    this.now = services.ambient.now()
    this.place = { accountId: context.caller.accountId, region: context.region }
  }

  /** The one key of an operation that demands one. */
  get key(): KeyRecord {
    const [key] = this.keys
    if (!key) throw new Error('The operation demands no key')
    return key
  }

  /** Notes a key for the event's resources; once, however often it is used. */
  touchKey(key: KeyRecord): void {
    const ARN = arnOf(key)
    if (this.resources.some((resource) => resource.ARN === ARN)) return
    this.resources.push({ accountId: key.accountId, type: 'AWS::KMS::Key', ARN })
  }

  /** Notes an alias for the event's resources. */
  touchAlias({ accountId, region }: Place, aliasName: string): void {
    this.resources.push({ accountId, type: 'AWS::KMS::Alias', ARN: aliasArn(region, accountId, aliasName) })
  }
}
