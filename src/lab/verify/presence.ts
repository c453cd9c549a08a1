import { segmentCount } from '../../crypto/segment-arithmetic.ts'
import { segmentOverhead } from '../../crypto/segments.ts'
import type { ObjectBody } from '../../s3/records/object-record.ts'
import type { Scheme } from '../../s3/sse/envelope.ts'
import type { Services } from '../../services.ts'

/**
 * What can be said of bodies that nobody here opens: their segments are there, and have the bytes that they were written with.
 * @throws what a segment fails with
 */
export async function verifyPresence(
  store: Services['bodies'],
  bodies: readonly ObjectBody[],
  scheme: Scheme,
): Promise<void> {
  const overhead = segmentOverhead * (scheme === 'DSSE-KMS' ? 2 : 1)
  for (const { blob, size } of bodies) {
    const count = segmentCount(size)
    let length = 0
    for await (const segment of store.read(blob, 0, count)) length += segment.length
    const expected = size + count * overhead
    if (length !== expected) throw new Error(`${length} sealed bytes are stored in place of ${expected}`)
  }
}
