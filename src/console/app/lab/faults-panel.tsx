import { useState } from 'preact/hooks'
import { control } from '../api.ts'
import { useLoaded } from '../loaded.ts'
import { Notice } from '../parts/notice.tsx'

/** A rule, and what became of it. */
interface Fault {
  id: string
  /** Calls that it is about. */
  matched: number
  /** Of these, how many it struck. */
  struck: number
}

const examples = {
  'KMS throttles every second Decrypt of S3': {
    service: 'kms',
    operation: 'Decrypt',
    onlyForS3: true,
    error: 'ThrottlingException',
    every: 2,
  },
  'KMS is away': { service: 'kms', error: 'KMSInternalException' },
  'S3 asks to slow down, one time in ten': { service: 's3', error: 'SlowDown', probability: 0.1 },
  'Every answer waits a second': { latency: 1000 },
  'Downloads break off': { service: 's3', operation: 'GetObject', cut: true },
} as const

/** What goes wrong on purpose. */
export function FaultsPanel() {
  const faults = useLoaded<{ faults: Fault[] }>(() => control('GET', '/faults'), 'faults')
  const [text, setText] = useState(() => JSON.stringify(Object.values(examples)[0], undefined, 2))
  const [error, setError] = useState<Error>()
  const doing = (work: () => Promise<unknown>) => () => {
    setError(undefined)
    work().then(faults.reload, setError)
  }
  const add = async () => control('POST', '/faults', {}, JSON.parse(text))
  return (
    <section aria-labelledby="faults">
      <h2 id="faults">Faults</h2>
      <Notice error={error ?? faults.error} />
      {faults.value?.faults.length === 0 ? <p class="quiet">Nothing goes wrong on purpose.</p> : null}
      <ul>
        {(faults.value?.faults ?? []).map(({ id, matched, struck, ...rule }) => (
          <li key={id}>
            <code>{JSON.stringify(rule)}</code> struck {struck} of {matched} calls{' '}
            <button type="button" onClick={doing(() => control('DELETE', `/faults/${id}`))}>
              End<span class="unseen"> {id}</span>
            </button>
          </li>
        ))}
      </ul>
      <label class="field">
        Begin with
        <select
          onChange={(event) =>
            setText(JSON.stringify(Object.values(examples)[event.currentTarget.selectedIndex], undefined, 2))
          }
        >
          {Object.keys(examples).map((title) => (
            <option key={title}>{title}</option>
          ))}
        </select>
      </label>
      <label class="field">
        Rule, as docs/lab.md has it
        <textarea rows={8} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="bar">
        <button type="button" class="main" onClick={doing(add)}>
          Add fault
        </button>
        <button type="button" onClick={doing(() => control('DELETE', '/faults'))}>
          End all
        </button>
      </div>
    </section>
  )
}
