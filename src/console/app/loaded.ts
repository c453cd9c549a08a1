import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Refused } from './api.ts'

/** What a view shows: on its way, there, or refused. What was there stays while it is loaded again. */
export interface Loaded<Value> {
  value?: Value
  error?: Refused | Error
  isLoading: boolean
  /** Loads it again. */
  reload(): void
}

/**
 * Loads what a view needs, and again when `of` changes.
 * @param of what it depends on, as one text
 */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>, of: string): Loaded<Value> {
  const [state, setState] = useState<{ of: string; value?: Value; error?: Error; isLoading: boolean }>({
    of,
    isLoading: true,
  })
  const [round, setRound] = useState(0)
  // `load` is another function at every turn: `of` says when it means something else.
  useEffect(() => {
    const ended = new AbortController()
    setState((before) => (before.of === of ? { ...before, isLoading: true } : { of, isLoading: true }))
    load(ended.signal).then(
      (value) => !ended.signal.aborted && setState({ of, value, isLoading: false }),
      (error) => !ended.signal.aborted && setState((before) => ({ ...before, error, isLoading: false })),
    )
    return () => ended.abort()
  }, [of, round])
  const reload = useCallback(() => setRound((before) => before + 1), [])
  return { value: state.value, error: state.error, isLoading: state.isLoading, reload }
}
