import { useState } from 'preact/hooks'
import { control } from '../api.ts'
import { useLoaded } from '../loaded.ts'
import { Badge, Notice } from '../parts/notice.tsx'

interface Reading {
  time: string
  machineTime: string
  isStanding: boolean
  /** ms */
  ahead: number
}

const steps = { '1h': 'an hour', '1d': 'a day', '7d': 'seven days', '30d': 'thirty days', '366d': 'a year' } as const

/** The clock by which things fall due. */
export function ClockPanel() {
  const clock = useLoaded<Reading>(() => control('GET', '/clock'), 'clock')
  const [error, setError] = useState<Error>()
  const [by, setBy] = useState<string>('30d')
  const [to, setTo] = useState('')
  const [isBusy, setBusy] = useState(false)
  const turn = (path: string) => () => {
    setError(undefined)
    setBusy(true)
    control('POST', path)
      .then(clock.reload, setError)
      .finally(() => setBusy(false))
  }
  const reading = clock.value
  if (!reading) return <Notice error={clock.error} />
  return (
    <section aria-labelledby="clock">
      <h2 id="clock">Clock</h2>
      <Notice error={error} />
      <p aria-live="polite">
        <strong>{reading.time}</strong> {reading.isStanding ? <Badge kind="warn">stands still</Badge> : null}{' '}
        {Math.abs(reading.ahead) >= 1000 ? <span class="quiet">this machine: {reading.machineTime}</span> : null}
      </p>
      <div class="bar">
        <label>
          By{' '}
          <select value={by} onChange={(event) => setBy(event.currentTarget.value)}>
            {Object.entries(steps).map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="main" disabled={isBusy} onClick={turn(`/clock/advance/${by}`)}>
          Advance
        </button>
        <label>
          To (UTC) <input type="datetime-local" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        <button
          type="button"
          disabled={isBusy || to === ''}
          onClick={turn(`/clock/set/${encodeURIComponent(`${to}:00Z`)}`)}
        >
          Set
        </button>
        {reading.isStanding ? (
          <button type="button" disabled={isBusy} onClick={turn('/clock/run')}>
            Let it run
          </button>
        ) : (
          <button type="button" disabled={isBusy} onClick={turn('/clock/freeze')}>
            Freeze
          </button>
        )}
      </div>
      <p class="quiet">
        Deletions of keys, rotations, lifecycles, locks, sessions and presigned URLs go by it. What falls due on the way
        is done before it answers.
      </p>
    </section>
  )
}
