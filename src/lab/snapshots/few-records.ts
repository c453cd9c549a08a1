import { encodeKey, prefixes } from '../../store/keyspace.ts'
import type { Entry, State } from '../../store/state.ts'

/** Of these kinds there are few, and they say how the others are to be read. */
const kinds: readonly number[] = [prefixes.setting, prefixes.rootKey]

/** Records that a state is asked for before it is walked. */
export class FewRecords {
  readonly #texts = new Map<string, string>()

  /** Keeps a record, if it is one of them. */
  note([name, text]: Entry): void {
    if (kinds.includes(name.charCodeAt(0))) this.#texts.set(name, text)
  }

  readonly read: State['read'] = (kind, key) => {
    const text = this.#texts.get(encodeKey(kind, key))
    return text === undefined ? undefined : JSON.parse(text)
  }
}
