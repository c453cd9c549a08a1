import { useCallback } from 'preact/hooks'
import type { Change, EventRow, KeyPage, KeyRow } from '../answers.ts'
import { post, read } from './api.ts'
import { useChanges } from './changes.ts'
import { useLoaded } from './loaded.ts'

/** ARN → alias, of those that have one. */
type KeyNames = ReadonlyMap<string, string>

/** The first page of the keys, to choose from; any other can be named. */
export function useKeys(): readonly KeyRow[] {
  const page = useLoaded<KeyPage>((signal) => read('keys', {}, signal), 'keys')
  return page.value?.keys ?? []
}

/** What was asked before is there at once. */
let known: KeyNames = new Map()

/** What people know keys by. @param arns of the keys that are shown */
export function useKeyNames(arns: readonly string[]): KeyNames {
  const asked = [...new Set(arns)].slice(0, 1000).sort()
  const load = async () => {
    if (asked.length === 0) return known
    const names = await post<Record<string, string>>('key-names', { arns: asked })
    const others = [...known].filter(([arn]) => !asked.includes(arn))
    known = new Map([...others, ...Object.entries(names)])
    return known
  }
  const names = useLoaded(load, asked.join(' '))
  useChanges(useCallback((change: Change) => changesKeys(change) && names.reload(), [names.reload]))
  return names.value ?? known
}

/** Whether keys, or what they are called, are no longer what they were. */
export function changesKeys({ calls, isMore }: Change): boolean {
  return isMore || calls.some(isKeyChange)
}

function isKeyChange({ source, isRead }: EventRow): boolean {
  return source === 'kms' && !isRead
}
