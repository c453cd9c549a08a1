import { useCallback, useMemo, useRef } from 'preact/hooks'
import type { Change, EventRow, KeyPage, KeyRow } from '../answers.ts'
import { post, read } from './api.ts'
import { useChanges } from './changes.ts'
import { useLoaded } from './loaded.ts'

/** The first page of the keys, to choose from; any other can be named. */
export function useKeys(): readonly KeyRow[] {
  const page = useLoaded<KeyPage>((signal) => read('keys', {}, signal), 'keys')
  return page.value?.keys ?? []
}

/** What people know keys by: ARN → alias, of those that have one. @param arns of the keys that are shown */
export function useKeyNames(arns: readonly string[]): ReadonlyMap<string, string> {
  const asked = [...new Set(arns)].sort()
  const load = async () => (asked.length === 0 ? {} : post<Record<string, string>>('key-names', { arns: asked }))
  const names = useLoaded(load, asked.join(' '))
  useChanges(useCallback((change: Change) => changesKeys(change) && names.reload(), [names.reload]))
  // What was known stays until the names of other rows are there.
  const known = useRef<Record<string, string>>({})
  if (names.value) known.current = names.value
  return useMemo(() => new Map(Object.entries(known.current)), [known.current])
}

/** Whether keys, or what they are called, are no longer what they were. */
export function changesKeys({ calls, isMore }: Change): boolean {
  return isMore || calls.some(isKeyChange)
}

function isKeyChange({ source, isRead }: EventRow): boolean {
  return source === 'kms' && !isRead
}
