import type { ComponentChildren } from 'preact'
import { addressOf } from '../address.ts'
import { Refused } from '../api.ts'

/** What was refused, in the words of whoever refused it, with the way to its reason. */
export function Notice({ error }: { error: Error | undefined }) {
  if (!error) return null
  const { code, requestId } = error instanceof Refused ? error : { code: undefined, requestId: undefined }
  return (
    <div class="refused" role="alert">
      {code === undefined ? null : <strong>{code}: </strong>}
      {error.message}
      {requestId === undefined ? null : (
        <div class="quiet">
          Request <code>{requestId}</code> · <a href={addressOf(['calls'], { request: requestId })}>why?</a>
        </div>
      )}
    </div>
  )
}

/** Nothing is there yet: what would change that. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>
}

/** A short word about something. */
export function Badge({ kind, children }: { kind?: 'good' | 'bad' | 'warn'; children: ComponentChildren }) {
  return <span class={kind === undefined ? 'badge' : `badge ${kind}`}>{children}</span>
}
