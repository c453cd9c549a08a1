import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Change, EventPage, EventRow } from '../../answers.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'

/** Rows that are shown at most: then the page is read anew. */
const shownAtMost = 300
/** ms between two readings that changes ask for. */
const pause = 1000

export interface TrailPage {
  page?: EventPage
  error?: Error
  /** Those that came while the page was open. */
  fresh: ReadonlySet<string>
}

/**
 * A page of the trail. The first one is live: what comes is put before the rest, and where it is not known what of it is chosen the page
 * is read again.
 * @param query what is chosen, and behind what the page begins
 */
export function useTrailPage(query: Record<string, string | undefined>): TrailPage {
  const of = JSON.stringify(query)
  const isFirst = query.after === undefined
  const isAll = Object.values(query).every((value) => value === undefined)
  const [state, setState] = useState<{ of: string; page?: EventPage; error?: Error }>({ of })
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  const [round, setRound] = useState(0)
  /** What was told since the page was asked for. */
  const told = useRef<EventRow[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>()

  useEffect(() => {
    const ended = new AbortController()
    told.current = []
    read<EventPage>('events', JSON.parse(of), ended.signal).then(
      (page) => setState({ of, page: { ...page, events: before(told.current, page.events) } }),
      (error) => !ended.signal.aborted && setState((known) => ({ ...known, of, error })),
    )
    return () => {
      ended.abort()
      clearTimeout(timer.current)
      timer.current = undefined
    }
  }, [of, round])

  const readAgain = useCallback(() => {
    timer.current ??= setTimeout(() => setRound((known) => known + 1), pause)
  }, [])
  useChanges(
    useCallback(
      ({ calls, isMore }: Change) => {
        if (!isFirst || (calls.length === 0 && !isMore)) return
        setFresh(new Set(calls.map(({ id }) => id)))
        if (isMore || !isAll) return readAgain()
        told.current = before(calls, told.current)
        setState((known) => {
          const events = known.page && before(calls, known.page.events)
          if (!known.page || !events) return known
          if (events.length > shownAtMost) readAgain()
          return { ...known, page: { ...known.page, events } }
        })
      },
      [isFirst, isAll, readAgain],
    ),
  )
  return state.of === of ? { page: state.page, error: state.error, fresh } : { fresh }
}

/** The newer ones before the others, each once. */
function before(newer: readonly EventRow[], others: readonly EventRow[]): EventRow[] {
  const known = new Set(others.map(({ id }) => id))
  return [...newer.filter(({ id }) => !known.has(id)), ...others].slice(0, shownAtMost + 50)
}
