import { decodeKey, encodeKey, type KeyOf, type PartType, type RecordKind } from '../../store/keyspace.ts'
import type { RecordCheck } from '../../store/record-check.ts'
import type { Entry } from '../../store/state.ts'
import { checksByPrefix, recordChecks } from './record-checks.ts'

/** What a record turns out to be. */
export type Read =
  | { check: RecordCheck; key: KeyOf<readonly PartType[]>; value: unknown }
  | { fault: string }
  | 'retired'

/** Reads records as those who know their kinds do, and holds each against the shape of its kind. */
export class RecordReader {
  readonly #checks = checksByPrefix()

  /** What is wrong is told in words that follow the record's name; of its relations to others nothing is asked. */
  read([name, text]: Entry): Read {
    const check = this.#checks.get(name.slice(0, 1))
    if (!check) return this.#checks.has(name.slice(0, 1)) ? 'retired' : { fault: 'it is of no kind that is known' }
    const key = keyIn(check.kind, name)
    if (!key) return { fault: 'its key is not one of its kind' }
    const parsed = valueIn(text)
    if (!parsed) return { fault: 'it is no JSON' }
    const fault = check.shape.fault(parsed.value)
    return fault === undefined
      ? { check, key, value: parsed.value }
      : { fault: fault.startsWith('is ') ? `it ${fault}` : fault }
  }
}

/** @returns undefined where it is none of that kind */
export function keyIn<Parts extends readonly PartType[]>(
  kind: RecordKind<unknown, Parts>,
  name: string,
): KeyOf<Parts> | undefined {
  try {
    const key = decodeKey(kind, name)
    return encodeKey(kind, key) === name ? key : undefined
  } catch {
    return undefined
  }
}

function valueIn(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Its kind and its key; where these are damaged too, what lies there. */
export function nameOf([name]: Entry): string {
  try {
    const check = recordChecks.find(({ kind }) => name.startsWith(kind.prefix))
    if (check) return `${check.kind.name} ${decodeKey(check.kind, name).join(' ')}`
  } catch {
    // Told as it lies there.
  }
  return JSON.stringify(name)
}
