import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
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
 * Loads what a view needs, and again when `of` changes. However often it is to be loaded again, that is done once at a time.
 * @param of what it depends on, as one text
 */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>, of: string): Loaded<Value> {
  const [state, setState] = useState<{ of: string; value?: Value; error?: Error; isLoading: boolean }>({
    of,
    isLoading: true,
  })
  const [round, setRound] = useState(0)
  const isUnderWay = useRef(false)
  const isAskedAgain = useRef(false)
  // `load` is another function at every turn: `of` says when it means something else.
  // Before the browser paints: what is not there yet should be on its way.
  useLayoutEffect(() => {
    const ended = new AbortController()
    isUnderWay.current = true
    isAskedAgain.current = false
    setState((before) => (before.of === of ? { ...before, isLoading: true } : { of, isLoading: true }))
    const settled = (next: { value: Value } | { error: Error }) => {
      if (ended.signal.aborted) return
      isUnderWay.current = false
      setState((before) => ({ ...('error' in next ? before : {}), ...next, of, isLoading: false }))
      if (isAskedAgain.current) setRound((before) => before + 1)
    }
    load(ended.signal).then(
      (value) => settled({ value }),
      (error) => settled({ error }),
    )
    return () => ended.abort()
  }, [of, round])
  const reload = useCallback(() => {
    if (isUnderWay.current) isAskedAgain.current = true
    else setRound((before) => before + 1)
  }, [])
  return { value: state.value, error: state.error, isLoading: state.isLoading, reload }
}
