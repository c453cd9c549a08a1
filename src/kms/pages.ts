import { kmsErrors } from './errors.ts'

export interface Page<Row> {
  rows: Row[]
  Truncated: boolean
  NextMarker?: string
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
