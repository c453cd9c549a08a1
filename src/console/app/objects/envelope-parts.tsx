import type { EnvelopeDetails } from '../../answers.ts'
import { bytes, count } from '../format.ts'

const partsDrawn = 100
const segmentsDrawn = 400

/** The bodies of an object, each cut into segments: one, or one a part of a multipart upload. */
export function Parts({ size, envelope }: { size: number; envelope: EnvelopeDetails }) {
  const { parts, partCount, layers, segmentSize, segmentOverhead, storedSize, isMultipart } = envelope
  const segments = parts.reduce((sum, part) => sum + part.segments, 0)
  const share = Math.max(1, Math.floor(segmentsDrawn / Math.max(parts.length, 1)))
  return (
    <li class={layers === 0 ? 'clear' : undefined} data-how={layers === 0 ? undefined : 'AES-256-GCM, each segment ↓'}>
      {isMultipart ? (
        <>
          <strong>{count(partCount, 'part')}</strong>,{' '}
        </>
      ) : null}
      <strong>{count(segments, 'segment')}</strong> of {bytes(segmentSize)} at most
      <div class="quiet">
        {bytes(size)} of plaintext, {bytes(storedSize)} stored: {segmentOverhead} bytes a segment{' '}
        {layers === 0 ? 'of checksum, it lies in clear' : 'of authentication'}
      </div>
      {isMultipart ? (
        <ol class="parts">
          {parts.slice(0, partsDrawn).map((part) => (
            <li key={part.number} value={part.number}>
              Part {part.number}: {bytes(part.size)}, {count(part.segments, 'segment')}, {bytes(part.storedSize)} stored
              <Segments size={part.size} count={part.segments} segmentSize={segmentSize} atMost={share} />
            </li>
          ))}
          {partCount > partsDrawn ? <li class="quiet">… and {partCount - partsDrawn} more</li> : null}
        </ol>
      ) : (
        <Segments size={size} count={segments} segmentSize={segmentSize} atMost={segmentsDrawn} />
      )}
    </li>
  )
}

interface SegmentsProps {
  size: number
  count: number
  segmentSize: number
  atMost: number
}

/** A square a segment, the last as wide as it is full; what they are is said in words beside them. */
function Segments({ size, count: all, segmentSize, atMost }: SegmentsProps) {
  const drawn = Math.min(all, atMost)
  const isWhole = drawn === all
  const rest = size - (all - 1) * segmentSize
  const width = (drawn - 1) * 12 + (isWhole ? Math.max(1, (10 * rest) / segmentSize) : 10)
  const [columns, rows] = [Math.min(drawn, 40), Math.ceil(drawn / 40)]
  return (
    <svg
      class="segments"
      viewBox={`0 0 ${columns * 12} ${rows * 12}`}
      width={columns * 12}
      height={rows * 12}
      aria-hidden="true"
    >
      {Array.from({ length: drawn }, (_, index) => {
        const isLast = index === drawn - 1
        const full = isLast ? width - (drawn - 1) * 12 : 10
        return (
          <rect key={index} x={(index % 40) * 12} y={Math.floor(index / 40) * 12} width={full} height={10} rx={2} />
        )
      })}
    </svg>
  )
}
