import type { CallFilter, EventRow } from '../answers.ts'

/** What of a call each filter is held against. */
const valuesOf: Record<CallFilter, (row: EventRow) => readonly string[]> = {
  name: ({ name }) => [name],
  key: ({ resources }) => resources.filter((arn) => arn.includes(':key/')),
  caller: ({ caller }) => [caller],
  bucket: ({ resources, context }) => bucketsIn([...resources, context?.['aws:s3:arn'] ?? '']),
  context: ({ context = {} }) => Object.entries(context).map((pair) => pair.join('=')),
  error: ({ error }) => (error === undefined ? [] : [error]),
}

export const callFilters = Object.keys(valuesOf) as CallFilter[]

/** What is chosen: all calls that have these values. */
export type Chosen = Partial<Record<CallFilter, string>>

function bucketsIn(arns: readonly string[]): string[] {
  return arns.flatMap((arn) => /^arn:[^:]+:s3:::([^/]+)/.exec(arn)?.[1] ?? [])
}

/** Whether a call is one of those that are chosen. */
export function isChosen(row: EventRow, chosen: Chosen): boolean {
  return callFilters.every((filter) => {
    const wanted = chosen[filter]
    return wanted === undefined || valuesOf[filter](row).includes(wanted)
  })
}

/** What occurs in calls, for each filter: at most so many values, in order. */
export function occurringIn(rows: readonly EventRow[], atMost: number): Record<CallFilter, string[]> {
  const of = (filter: CallFilter) => [...new Set(rows.flatMap(valuesOf[filter]))].slice(0, atMost).sort()
  return {
    name: of('name'),
    key: of('key'),
    caller: of('caller'),
    bucket: of('bucket'),
    context: of('context'),
    error: of('error'),
  }
}
