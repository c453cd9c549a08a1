import { useMemo } from 'preact/hooks'
import type { KeyRow } from '../answers.ts'
import { read } from './api.ts'
import { type Loaded, useLoaded } from './loaded.ts'

/** The keys, for views that name them. */
export function useKeys(): Loaded<KeyRow[]> & { aliases: ReadonlyMap<string, string> } {
  const keys = useLoaded<KeyRow[]>((signal) => read('keys', {}, signal), 'keys')
  const aliases = useMemo(() => aliasesOf(keys.value ?? []), [keys.value])
  return { ...keys, aliases }
}

/** ARN → the first alias of the key. */
function aliasesOf(keys: readonly KeyRow[]): ReadonlyMap<string, string> {
  return new Map(keys.flatMap(({ arn, aliases: [first] }) => (first === undefined ? [] : [[arn, first]])))
}
