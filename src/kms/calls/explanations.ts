import { AwsError } from '../../aws/errors.ts'
import { type Database, settings, type Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { Ruling } from '../access/authorization.ts'
import type { EncryptionContext } from '../client.ts'
import type { KeyState } from '../key-state.ts'
import { arnOf, type KeyRecord, stateOf } from '../keys/key.ts'
import type { KmsCall, KmsOutput } from '../operation.ts'
import type { SharedMembers } from '../shapes.ts'

/*
 * Why a call ended as it did: what was weighed for it, the state of its keys, and, where a ciphertext did not open, how the
 * encryption context differs from the one it was sealed under.
 *
 *   in memory     the last 1,000 calls, allowed or refused: a note costs no more than a few references
 *   in the store  the last 1,000 refused ones, committed with the call's event: slot (number modulo 1,000) → explanation
 *
 * How a context differs is known for ciphertexts that were made among the calls in memory: they are distinguished by their
 * authentication tag, which is no secret.
 */

export interface Explanation {
  requestId: string
  /** The S3 request on whose behalf KMS was called. */
  causeId?: string
  /** ms since the epoch */
  time: number
  operation: string
  region: string
  caller: { arn: string; accountId: string }
  via?: 's3'
  /** Undefined: the call succeeded. */
  error?: { code: string; message: string }
  /** As they stood when the call came. */
  keys: { arn: string; state: KeyState }[]
  /** By the name of the input member. */
  encryptionContexts: Record<string, EncryptionContext>
  /** Each question that was asked of policies and grants, in order. */
  rulings: Ruling[]
  /** Of a ciphertext that did not open. */
  ciphertext?: ContextDifference
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

/** What an explanation is made of, once somebody asks: references to what the call left behind, nothing secret among it. */
interface Note extends Pick<KmsCall, 'context' | 'now'> {
  operation: string
  keys: readonly KeyRecord[]
  rulings: readonly Ruling[]
  encryptionContexts: Record<string, EncryptionContext>
  error?: Explanation['error']
  ciphertext?: ContextDifference
  /** The tag of the ciphertext that the call made, as Latin-1. */
  seals?: string
}

const explanations = recordKind<Explanation>()('explanation', ['integer'])
const kept = 1000
const contextMembers = ['EncryptionContext', 'SourceEncryptionContext', 'DestinationEncryptionContext'] as const
const tagLength = 16
/** Characters: both contexts of a ReEncrypt at their longest. A longer one is refused for its length, and not kept. */
const longestContexts = 2 * 8192

export class Explanations {
  readonly #database: Database
  /** A ring: the oldest is where the next goes. */
  readonly #recent: Note[] = []
  #noted = 0
  /** How many refusals were stored. */
  #stored: number

  constructor(database: Database) {
    this.#database = database
    this.#stored = database.get(settings, ['explanations']) ?? 0
  }

  /** Notes a call that succeeded. */
  note(call: KmsCall, weighed: WeighedCall, output: KmsOutput | undefined): void {
    if (call.context.fixture) return
    this.#keep(noteOf(call, weighed, { seals: output && tagOf(output) }))
  }

  /** Notes a refused call, and stages it beside the call's event. */
  noteRefusal(call: KmsCall, weighed: WeighedCall, thrown: unknown): void {
    if (call.context.fixture) return
    const error = thrown instanceof AwsError ? { code: thrown.code, message: thrown.message } : unknownError
    const ciphertext = error.code === 'InvalidCiphertextException' ? this.#differenceOf(weighed.input ?? {}) : undefined
    const refused = noteOf(call, weighed, { error, ciphertext })
    this.#keep(refused)
    this.#store(call.transaction, explanationOf(refused))
  }

  /**
   * @param id of a KMS request, of the S3 request that caused some, or `last`
   * @returns what is known, in the order of the calls; nothing of calls that are too long ago, and of those that KMS never saw
   */
  async find(id: string): Promise<Explanation[]> {
    const notes = this.#inOrder()
    const recent = id === 'last' ? notes.slice(-1) : notes.filter(({ context }) => isOf(context, id))
    if (recent.length > 0) return recent.map(explanationOf)
    const stored: { slot: number; explanation: Explanation }[] = []
    for await (const { key, value } of this.#database.entries(explanations)) {
      if (id === 'last' || isOf(value, id)) stored.push({ slot: key[0], explanation: value })
    }
    stored.sort((a, b) => this.#ageOf(b.slot) - this.#ageOf(a.slot))
    return stored.map(({ explanation }) => explanation).slice(id === 'last' ? -1 : 0)
  }

  #keep(note: Note): void {
    this.#recent[this.#noted % kept] = note
    this.#noted++
  }

  /** Oldest first. */
  #inOrder(): Note[] {
    const next = this.#noted % kept
    return [...this.#recent.slice(next), ...this.#recent.slice(0, next)]
  }

  #store(transaction: Transaction, explanation: Explanation): void {
    transaction.put(explanations, [this.#stored % kept], explanation)
    this.#stored++
    transaction.put(settings, ['explanations'], this.#stored)
  }

  /** How many refusals ago a slot was written. */
  #ageOf(slot: number): number {
    return (((this.#stored - 1 - slot) % kept) + kept) % kept
  }

  #differenceOf(input: SharedMembers): ContextDifference {
    const tag = tagOf({ CiphertextBlob: input.CiphertextBlob })
    const maker = tag && this.#inOrder().findLast(({ seals }) => seals === tag)
    if (!maker) return {}
    const sealed = sealedUnder(maker)
    const { EncryptionContext: own, SourceEncryptionContext: source } = contextsOf(input)
    const sent = own ?? source ?? {}
    return { sealedBy: maker.context.requestId, missing: without(sealed, sent), unexpected: without(sent, sealed) }
  }
}

const unknownError = { code: 'KMSInternalException', message: 'KMS failed; the log of the emulator says why.' }

function noteOf(
  { context, now }: KmsCall,
  { operation, input = {}, keys, rulings }: WeighedCall,
  { seals, error, ciphertext }: Pick<Note, 'seals' | 'error' | 'ciphertext'>,
): Note {
  const encryptionContexts = contextsOf(input)
  if (lengthOf(encryptionContexts) > longestContexts) {
    return { context, now, keys, rulings: [], operation, encryptionContexts: {}, seals, error, ciphertext }
  }
  return { context, now, keys, rulings, operation, encryptionContexts, seals, error, ciphertext }
}

function explanationOf(note: Note): Explanation {
  const { context, now, keys, rulings, operation, encryptionContexts, error, ciphertext } = note
  const { requestId, causeId, region, caller, via } = context
  return {
    requestId,
    causeId,
    time: now,
    operation,
    region,
    caller: { arn: caller.arn, accountId: caller.accountId },
    via,
    keys: keys.map((key) => ({ arn: arnOf(key), state: stateOf(key) })),
    encryptionContexts,
    rulings: [...rulings],
    ...(error && { error }),
    ...(ciphertext && { ciphertext }),
  }
}

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

function sealedUnder({ encryptionContexts: contexts }: Note): EncryptionContext {
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

function isOf({ requestId, causeId }: { requestId: string; causeId?: string }, id: string): boolean {
  return requestId === id || causeId === id
}
