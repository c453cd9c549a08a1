import type { Ambient } from '../ambient.ts'
import type { Reader } from './database.ts'
import type { KeyOf, KeyPart, PartType, RecordKind } from './keyspace.ts'
import type { RecordShape } from './record-shape.ts'

/*
 * How a kind of record is checked, declared beside those who read and write it. `verify` asks all declarations of every record:
 *
 *   text ─JSON─▶ value ─shape─▶ a record of its kind ─faults─▶ what others it needs, and what those say of it
 *
 * All is seen as of one moment, at which commits are whole: what one commit writes stands together.
 */

/** Records as of one moment. What is no record of its kind is not given, but it is there. */
export interface CheckedRecords extends Reader {
  /** The keys of all that is there, be it given or not. */
  keys<Parts extends readonly PartType[]>(
    kind: RecordKind<unknown, Parts>,
    within?: readonly KeyPart[],
  ): AsyncIterable<KeyOf<Parts>>
  /** Whether nothing at all lies under that key. */
  isMissing<Parts extends readonly PartType[]>(kind: RecordKind<unknown, Parts>, key: KeyOf<Parts>): boolean
}

/** What checks may ask. */
export interface CheckContext {
  records: CheckedRecords
  /** What is sealed at rest is opened with it (`root-key.ts`). */
  rootKey: { seal(purpose: string, plaintext: Uint8Array): string; open(purpose: string, sealed: string): Buffer }
  ambient: Ambient
  /** ms since the epoch: what happened before is no longer in the trail */
  oldestEvent: number
  /**
   * Something that several records are held against: made once for all of them.
   * @param key whose it is
   */
  once<Result>(key: object, make: () => Result): Result
}

/** What is wrong with a record, each in words that follow its name. */
export type RecordFaults = Iterable<string>

/** A record and its key. */
export interface RecordEntry<Value, Parts extends readonly PartType[]> {
  key: KeyOf<Parts>
  value: Value
}

export interface RecordCheck<Value = unknown, Parts extends readonly PartType[] = readonly PartType[]> {
  kind: RecordKind<Value, Parts>
  shape: RecordShape<Value>
  // Methods, so that checks of all kinds fit into one list.
  faults?(entry: RecordEntry<Value, Parts>, context: CheckContext): RecordFaults | Promise<RecordFaults>
  /** What people call it, where that is not its kind and its key. */
  where?(entry: RecordEntry<Value, Parts>): string
}

/** Declares how a kind of record is checked. */
export function recordCheck<Value, const Parts extends readonly PartType[]>(
  kind: RecordKind<Value, Parts>,
  shape: RecordShape<NoInfer<Value>>,
  faults?: RecordCheck<Value, Parts>['faults'],
  where?: RecordCheck<Value, Parts>['where'],
): RecordCheck {
  const check: RecordCheck<Value, Parts> = { kind, shape, faults, where }
  return check as RecordCheck
}

/** The words for those that are true. */
export function faultsWhere(...rows: readonly (readonly [isWrong: boolean, words: string])[]): string[] {
  return rows.flatMap(([isWrong, words]) => (isWrong ? [words] : []))
}

/** Whether nothing is thrown: what is sealed opens, what is written can be read. */
export function fails(attempt: () => unknown): boolean {
  try {
    attempt()
    return false
  } catch {
    return true
  }
}
