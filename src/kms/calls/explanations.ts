import type { Explanation, Explanations, Note } from '../../access/explanations.ts'
import { type Told, tell } from '../../access/ruling.ts'
import { AwsError } from '../../aws/errors.ts'
import type { Ruling } from '../access/authorization.ts'
import type { EncryptionContext } from '../client.ts'
import type { KeyState } from '../key-state.ts'
import { arnOf, type KeyRecord, stateOf } from '../keys/key.ts'
import type { KmsCall, KmsOutput } from '../operation.ts'
import type { SharedMembers } from '../shapes.ts'

/*
 * Why a call of KMS ended as it did (`access/explanations.ts`): what was weighed for it, the state of its keys, and, where a
 * ciphertext did not open, how the encryption context differs from the one it was sealed under. A refusal is committed with the
 * call's event.
 *
 * How a context differs is known for ciphertexts that were made among the calls in memory: they are distinguished by their
 * authentication tag, which is no secret.
 */

export interface KmsExplanation extends Explanation {
  via?: 's3'
  /** As they stood when the call came. */
  keys: { arn: string; state: KeyState }[]
  /** By the name of the input member. */
  encryptionContexts: Record<string, EncryptionContext>
  rulings: readonly Told<Ruling>[]
  /** Of a ciphertext that did not open. */
  ciphertext?: ContextDifference
}

/** Whether an explanation is of a call of KMS. */
export function isOfKms(explanation: Explanation): explanation is KmsExplanation {
  return explanation.service === undefined
}

/** How the context sent differs from the one a ciphertext was sealed under; undefined `sealedBy`: it is not known. */
export interface ContextDifference {
  /** The request that made the ciphertext. */
  sealedBy?: string
  /** Sealed under, and not sent. */
  missing?: EncryptionContext
  /** Sent, and not sealed under. */
  unexpected?: EncryptionContext
}

/** How far a call came. */
export interface WeighedCall {
  operation: string
  /** In its normal form; undefined when it was not valid. */
  input?: SharedMembers
  /** As far as they were found. */
  keys: readonly KeyRecord[]
  /** Each question that was asked of policies and grants, in order. */
  rulings: readonly Ruling[]
}

/** A call as it is kept. */
class CallNote implements Note {
  readonly context: KmsCall['context']
  readonly now: number
  readonly operation: string
  readonly keys: readonly KeyRecord[]
  readonly rulings: readonly Ruling[]
  readonly encryptionContexts: Record<string, EncryptionContext>
  readonly #end: End

  constructor({ context, now }: KmsCall, { operation, keys, rulings, input = {} }: WeighedCall, end: End) {
    const contexts = contextsOf(input)
    const isTooLong = lengthOf(contexts) > longestContexts
    this.context = context
    this.now = now
    this.operation = operation
    this.keys = keys
    this.rulings = isTooLong ? [] : rulings
    this.encryptionContexts = isTooLong ? {} : contexts
    this.#end = end
  }

  get requestId(): string {
    return this.context.requestId
  }

  get causeId(): string | undefined {
    return this.context.causeId
  }

  get seals(): string | undefined {
    return this.#end.seals
  }

  explain(): KmsExplanation {
    const { requestId, causeId, region, caller, via } = this.context
    const { operation, keys, rulings } = this
    const { error, ciphertext } = this.#end
    return {
      requestId,
      causeId,
      time: this.now,
      operation,
      region,
      caller: { arn: caller.arn, accountId: caller.accountId },
      via,
      keys: keys.map((key) => ({ arn: arnOf(key), state: stateOf(key) })),
      encryptionContexts: this.encryptionContexts,
      rulings: rulings.map((ruling) => tell(ruling)),
      ...(error && { error }),
      ...(ciphertext && { ciphertext }),
    }
  }
}

/** How a call ended. */
interface End {
  error?: Explanation['error']
  ciphertext?: ContextDifference
  /** The tag of the ciphertext that the call made, as Latin-1. */
  seals?: string
}

const contextMembers = ['EncryptionContext', 'SourceEncryptionContext', 'DestinationEncryptionContext'] as const
const tagLength = 16
/** Characters: both contexts of a ReEncrypt at their longest. A longer one is refused for its length, and not kept. */
const longestContexts = 2 * 8192

export class CallExplanations {
  readonly #ring: Explanations

  constructor(ring: Explanations) {
    this.#ring = ring
  }

  /** Notes a call that succeeded. */
  note(call: KmsCall, weighed: WeighedCall, output: KmsOutput | undefined): void {
    if (call.context.fixture) return
    this.#ring.keep(new CallNote(call, weighed, { seals: output && tagOf(output) }))
  }

  /** Notes a refused call, and stages it beside the call's event. */
  noteRefusal(call: KmsCall, weighed: WeighedCall, thrown: unknown): void {
    if (call.context.fixture) return
    const error = thrown instanceof AwsError ? { code: thrown.code, message: thrown.message } : unknownError
    const ciphertext = error.code === 'InvalidCiphertextException' ? this.#differenceOf(weighed.input ?? {}) : undefined
    const refused = new CallNote(call, weighed, { error, ciphertext })
    this.#ring.keep(refused)
    this.#ring.store(call.transaction, refused.explain())
  }

  /**
   * @param ciphertext as KMS gave it out
   * @returns the request that made it; undefined where that is not among the calls in memory
   */
  makerOf(ciphertext: Buffer): string | undefined {
    return this.#maker({ CiphertextBlob: ciphertext })?.requestId
  }

  #maker(output: KmsOutput): CallNote | undefined {
    const tag = tagOf(output)
    if (tag === undefined) return undefined
    const maker = this.#ring.inOrder().findLast((note) => note instanceof CallNote && note.seals === tag)
    return maker instanceof CallNote ? maker : undefined
  }

  #differenceOf(input: SharedMembers): ContextDifference {
    const maker = this.#maker({ CiphertextBlob: input.CiphertextBlob })
    if (!maker) return {}
    const sealed = sealedUnder(maker)
    const { EncryptionContext: own, SourceEncryptionContext: source } = contextsOf(input)
    const sent = own ?? source ?? {}
    return { sealedBy: maker.context.requestId, missing: without(sealed, sent), unexpected: without(sent, sealed) }
  }
}

const unknownError = { code: 'KMSInternalException', message: 'KMS failed; the log of the emulator says why.' }

function contextsOf(input: SharedMembers): Record<string, EncryptionContext> {
  const contexts: Record<string, EncryptionContext> = {}
  for (const member of contextMembers) {
    const context = input[member]
    if (context) contexts[member] = context
  }
  return contexts
}

function lengthOf(contexts: Record<string, EncryptionContext>): number {
  let length = 0
  for (const member in contexts) {
    const context = contexts[member] ?? {}
    for (const key in context) length += key.length + (context[key] ?? '').length
  }
  return length
}

function sealedUnder({ encryptionContexts: contexts }: CallNote): EncryptionContext {
  return contexts.DestinationEncryptionContext ?? contexts.EncryptionContext ?? {}
}

/** The last bytes of a ciphertext, which no other has. */
function tagOf({ CiphertextBlob, PrivateKeyCiphertextBlob: ofPair }: KmsOutput): string | undefined {
  const blob = CiphertextBlob ?? ofPair
  return blob?.toString('latin1', blob.length - tagLength)
}

/** The pairs of one context that the other has not, or has otherwise. */
function without(context: EncryptionContext, other: EncryptionContext): EncryptionContext {
  const pairs = Object.entries(context).filter(([key, value]) => !Object.hasOwn(other, key) || other[key] !== value)
  return Object.fromEntries(pairs)
}
