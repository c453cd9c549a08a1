import type { EventRow } from '../../answers.ts'
import { moment } from '../format.ts'

const bars = 60
const width = 360
const height = 40

/** How many of the calls that are shown fell into each sixtieth of the time that they span; refused ones stand out. */
export function Sparkline({ events, now }: { events: readonly EventRow[]; now: number }) {
  const times = events.map(({ time }) => Date.parse(time))
  const first = Math.min(...times)
  const span = Math.max(Math.max(now, ...times) - first, 1000)
  const heaps = Array.from({ length: bars }, () => ({ all: 0, refused: 0 }))
  for (const [index, { error }] of events.entries()) {
    const heap = heaps[Math.min(bars - 1, Math.floor((((times[index] ?? first) - first) / span) * bars))]
    if (!heap) continue
    heap.all++
    if (error !== undefined) heap.refused++
  }
  const most = Math.max(...heaps.map(({ all }) => all))
  const scale = (count: number) => (count / most) * height
  return (
    <svg
      role="img"
      aria-label={`${events.length} calls since ${moment(first)}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      {heaps.map(({ all, refused }, index) => {
        const x = (index * width) / bars
        return [
          <rect
            key={`all ${x}`}
            x={x}
            width={width / bars - 1}
            y={height - scale(all)}
            height={scale(all)}
            fill="var(--accent)"
          />,
          <rect
            key={`refused ${x}`}
            x={x}
            width={width / bars - 1}
            y={height - scale(refused)}
            height={scale(refused)}
            fill="var(--bad)"
          />,
        ]
      })}
    </svg>
  )
}
