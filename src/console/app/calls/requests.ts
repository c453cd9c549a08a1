import type { EventRow } from '../../answers.ts'

/** What belongs together: a request of S3 with the calls of KMS that it took, or a call that stands for itself. */
export interface Request {
  id: string
  /** The request of S3; undefined where there is none. */
  causeId?: string
  /** S3's own event first, where it was recorded. */
  calls: [EventRow, ...EventRow[]]
}

/** Calls by the request that they belong to, each where its newest call stands. */
export function requestsOf(rows: readonly EventRow[]): Request[] {
  const causes = new Set(rows.flatMap(({ causeId }) => causeId ?? []))
  const requests = new Map<string, Request>()
  for (const row of rows) {
    const causeId = row.causeId ?? (causes.has(row.requestId ?? '') ? row.requestId : undefined)
    const known = causeId === undefined ? undefined : requests.get(causeId)
    if (!known) requests.set(causeId ?? row.id, { id: row.id, causeId, calls: [row] })
    else if (row.requestId === causeId) known.calls.unshift(row)
    else known.calls.push(row)
  }
  return [...requests.values()]
}
