import { s3Errors } from '../errors.ts'

/** Bytes `first` … `last`, both inclusive, counted from 0. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * What a `Range` header asks of an object, as S3 reads it: clipped to the object; anything it does not understand (several
 * ranges, an end before the start, no unit) means the whole object. Evidence: s3-ranges.
 * @returns undefined: the whole object, status 200
 * @throws AwsError InvalidRange (416)
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || header === undefined) return undefined
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return undefined
  if (from === '') return suffixRange(Number(to), size, header)
  const first = Number(from)
  const last = to === '' ? size - 1 : Number(to)
  if (to !== '' && last < first) return undefined
  if (first >= size) throw s3Errors.InvalidRange(size, header)
  return { first, last: Math.min(last, size - 1) }
}

function suffixRange(length: number, size: number, header: string): ByteRange {
  if (length === 0 || size === 0) throw s3Errors.InvalidRange(size, header)
  return { first: Math.max(0, size - length), last: size - 1 }
}

/**
 * The range of UploadPartCopy: `bytes=first-last`, both given, inside the source.
 * @throws AwsError InvalidArgument, InvalidRequest in AWS's words (evidence: s3-copy-range)
 */
export function parseCopyRange(header: string, size: number): ByteRange {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header)
  const [first, last] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || last < first) {
    throw s3Errors.InvalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    )
  }
  if (first >= size) {
    throw s3Errors.InvalidRequest('The specified copy range is invalid for the source object size')
  }
  if (last >= size) {
    const message = `Range specified is not valid for source object of size: ${size}`
    throw s3Errors.InvalidArgument(message, 'x-amz-copy-source-range', header)
  }
  return { first, last }
}

/** A body as far as range arithmetic cares. */
interface Sized {
  size: number
}

/** A body, and which of its bytes a range of the whole object touches. */
export interface Slice<Body> {
  body: Body
  first: number
  last: number
}

/**
 * Cuts a range of the whole object into ranges of its bodies.
 *
 *   bodies   │  0 … 4  │  5 … 9  │ 10 … 12 │
 *   range              7 ───────────── 11
 *   slices             2 … 4 of #2,  0 … 1 of #3
 *
 * Bodies without a byte in the range are left out. An empty object gives its first body with the empty range 0 … -1, so that
 * even its (empty) segment is authenticated.
 */
export function sliceBodies<Body extends Sized>(bodies: readonly Body[], { first, last }: ByteRange): Slice<Body>[] {
  if (last < first) return bodies.slice(0, 1).map((body) => ({ body, first: 0, last: -1 }))
  const slices: Slice<Body>[] = []
  let offset = 0
  for (const body of bodies) {
    const from = Math.max(first, offset) - offset
    const to = Math.min(last, offset + body.size - 1) - offset
    if (from <= to) slices.push({ body, first: from, last: to })
    offset += body.size
  }
  return slices
}
