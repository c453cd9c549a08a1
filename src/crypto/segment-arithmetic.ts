/*
 * A body of `size` bytes is cut into segments; each layer of sealing adds its tag to each segment.
 *
 *   plaintext  │ 256 KiB │ 256 KiB │ … │ the rest │      the last may be short; an empty body is one empty segment
 *   stored     │ 256 KiB + overhead  │ …            │
 *
 * Pure twins: what one computes the other takes back (property-tested).
 */

/** Plaintext bytes of every segment but the last. */
export const segmentSize = 256 * 1024

export function segmentCount(size: number): number {
  return Math.max(1, Math.ceil(size / segmentSize))
}

/** Plaintext bytes of one segment of a body. */
export function segmentLength(size: number, index: number): number {
  return Math.min(segmentSize, size - index * segmentSize)
}

/** Bytes as stored. @param overhead bytes that sealing adds to each segment */
export function sealedSize(size: number, overhead: number): number {
  return size + segmentCount(size) * overhead
}

/**
 * Plaintext bytes of a body that takes `stored` bytes.
 * @returns undefined when no body has that stored size
 */
export function openedSize(stored: number, overhead: number): number | undefined {
  const count = Math.max(1, Math.ceil(stored / (segmentSize + overhead)))
  const size = stored - count * overhead
  return size >= 0 && sealedSize(size, overhead) === stored ? size : undefined
}

/** Which segments hold a range of the plaintext, and what of them. */
export interface SegmentRange {
  first: number
  count: number
  /** Bytes of the first segment before the range. */
  skip: number
  /** Bytes of the range. */
  length: number
}

/** The segments of bytes `first` … `last` (inclusive). An empty range has the segment it would begin in. */
export function segmentsOfRange(first: number, last: number): SegmentRange {
  const firstSegment = Math.floor(first / segmentSize)
  const lastSegment = Math.max(firstSegment, Math.floor(last / segmentSize))
  return {
    first: firstSegment,
    count: lastSegment - firstSegment + 1,
    skip: first - firstSegment * segmentSize,
    length: Math.max(0, last - first + 1),
  }
}
