import type { QueryOutput } from '../protocol/query-output.ts'
import { iamErrors } from './errors.ts'

/* Listings by pages: Marker and MaxItems in, IsTruncated and (only when true) Marker out. */

export interface Paging {
  Marker?: string
  MaxItems?: number
}

const usualItems = 100

export interface Page<Row> {
  rows: Row[]
  /** IsTruncated, and Marker: members of the answer. */
  paging: QueryOutput
}

/**
 * One page of rows that come in the order of their positions.
 * @param positionOf where a row stands; the marker is made of it
 */
export async function pageOf<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  { Marker, MaxItems = usualItems }: Paging,
  positionOf: (row: Row) => string,
): Promise<Page<Row>> {
  const after = positionOfMarker(Marker)
  const page: Row[] = []
  for await (const row of rows) {
    if (after !== undefined && positionOf(row) <= after) continue
    const last = page.at(-1)
    if (page.length === MaxItems && last !== undefined) {
      return { rows: page, paging: { IsTruncated: true, Marker: markerOf(positionOf(last)) } }
    }
    page.push(row)
  }
  return { rows: page, paging: { IsTruncated: false } }
}

/** Where a page begins: behind this position. @throws AwsError ValidationError */
export function positionOfMarker(marker: string | undefined): string | undefined {
  if (marker === undefined) return undefined
  const position = Buffer.from(marker, 'base64url').toString()
  if (position === '' || markerOf(position) !== marker) throw iamErrors.ValidationError('Invalid Marker.')
  return position
}

function markerOf(position: string): string {
  return Buffer.from(position).toString('base64url')
}
