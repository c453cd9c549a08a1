import { StoreClosed } from '../../store/database.ts'
import type { TrailRecord } from '../../trail/event.ts'
import type { ApiContext } from '../services.ts'
import { eventRow } from './events.ts'

/** How often the trail is looked at, in ms: only while a page listens. */
const interval = 500
const linesAtMost = 200

/*
 * New events of the trail as server-sent events, as long as somebody listens:
 *
 *   event: calls            data: [EventRow, …]      the newest first; at most 200 at a time
 *   : nothing new           keeps proxies and the connection awake
 */

/** @param signal aborted when nobody listens any more */
export async function* streamEvents(context: () => ApiContext, signal: AbortSignal): AsyncGenerator<string> {
  const seen = new Set<string>((await newest(context())).map(({ eventID }) => eventID))
  yield ': listening\n\n'
  for (let quiet = 0; !signal.aborted; quiet++) {
    await pause(signal)
    const fresh = (await newest(context())).filter(({ eventID }) => !seen.has(eventID))
    for (const { eventID } of fresh) seen.add(eventID)
    forgetOld(seen)
    if (fresh.length > 0) yield `event: calls\ndata: ${JSON.stringify(fresh.map(eventRow))}\n\n`
    else if (quiet % 30 === 29) yield ': nothing new\n\n'
  }
}

/** Of both kinds: what KMS was asked, and what S3 did with objects where that is recorded. Nothing while a reset is at work. */
async function newest(context: ApiContext): Promise<TrailRecord[]> {
  try {
    return await newestIn(context)
  } catch (error) {
    if (error instanceof StoreClosed) return []
    throw error
  }
}

async function newestIn({ services, settings }: ApiContext): Promise<TrailRecord[]> {
  const { accountId, region, trailDataEvents } = settings
  const query = { accountId, region, limit: linesAtMost }
  const { records } = await services.lookupEvents(query)
  if (!trailDataEvents) return records
  return [...records, ...(await services.dataEvents(query)).records]
}

/** The newest are looked at alone, so those that went by are not needed. */
function forgetOld(seen: Set<string>): void {
  for (const id of seen) {
    if (seen.size <= 4 * linesAtMost) return
    seen.delete(id)
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, interval)
    timer.unref()
    signal.addEventListener('abort', end)
  })
}
