import { faultError, tooHigh } from '../protocol/shapes.ts'
import { kmsErrors } from './errors.ts'

export interface Page<Row> {
  rows: Row[]
  Truncated: boolean
  NextMarker?: string
}

/**
 * How many rows a page has.
 * @param most what the listing's API reference allows, where that is less than the model's 1000
 * @throws AwsError ValidationException
 */
export function limited(limit: number | undefined, { usual, most }: { usual: number; most: number }): number {
  if (limit === undefined) return usual
  if (limit > most) throw faultError([tooHigh(limit, most, ['Limit'])])
  return limit
}

/**
 * One page of a listing.
 * @param positionOf where a row stands; the marker is made of it
 */
export async function pageOf<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  limit: number,
  positionOf: (row: Row) => string,
): Promise<Page<Row>> {
  const page: Row[] = []
  for await (const row of rows) {
    const last = page.at(-1)
    if (page.length === limit && last !== undefined) {
      return { rows: page, Truncated: true, NextMarker: markerOf(positionOf(last)) }
    }
    page.push(row)
  }
  return { rows: page, Truncated: false }
}

/** Behind which position the page begins; undefined: at the beginning. @throws AwsError InvalidMarkerException */
export function positionOfMarker(marker: string | undefined): string | undefined {
  if (marker === undefined) return undefined
  const position = Buffer.from(marker, 'base64url').toString()
  if (position === '' || markerOf(position) !== marker) throw kmsErrors.InvalidMarkerException()
  return position
}

function markerOf(position: string): string {
  return Buffer.from(position).toString('base64url')
}
