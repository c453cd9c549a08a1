import { type StoredRootKey, storedRootKey } from '../../root-key.ts'
import { blobRecords, lengthOf } from '../../store/blob-records.ts'
import type { BlobStore } from '../../store/blobs.ts'
import { decodeKey } from '../../store/keyspace.ts'
import { runsIn, type State } from '../../store/state.ts'
import { version } from '../../version.ts'
import type { StateEntry } from './state-entries.ts'
import type { StateHeader } from './state-header.ts'

/** What an export says of itself. */
export function exportHeader(state: State, created: number): StateHeader {
  const { format, reserved } = state
  const { own, check } = rootKeyOf(state)
  // What a key is known by is of use only where the key itself does not come.
  const rootKey = own === undefined ? { own: false, check } : { own: true }
  return { content: 'everything', format, version, created, reserved, rootKey }
}

export function rootKeyOf(state: Pick<State, 'read'>): StoredRootKey {
  return storedRootKey((kind, key) => state.read(kind, key))
}

/**
 * All entries of an export: the bodies, then the records that do not say where bodies lie, which will be elsewhere.
 * @param blobs of the store that the state is of; the segments must be held
 */
export async function* exportedEntries(state: State, blobs: BlobStore): AsyncGenerator<StateEntry[]> {
  yield* bodiesOf(state, blobs)
  for await (const page of state.records()) {
    const others = page.filter(([name]) => !name.startsWith(blobRecords.prefix))
    yield others.map(([name, text]) => ({ type: 'record', name, text }))
  }
}

async function* bodiesOf(state: State, blobs: BlobStore): AsyncGenerator<StateEntry[]> {
  for await (const page of state.records()) {
    for (const entry of page) {
      const [name] = entry
      if (!name.startsWith(blobRecords.prefix)) {
        if (name > blobRecords.prefix) return
        continue
      }
      const [id] = decodeKey(blobRecords, name)
      yield [{ type: 'body', id }]
      for await (const bytes of blobs.read(id, 0, lengthOf(runsIn(entry)))) yield [{ type: 'segment', bytes }]
    }
  }
}
