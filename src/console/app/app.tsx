import { useEffect, useState } from 'preact/hooks'
import type { Overview } from '../answers.ts'
import { AccessView } from './access/access-view.tsx'
import { addressOf, useAddress } from './address.ts'
import { Refused, read } from './api.ts'
import { CallsView } from './calls/calls-view.tsx'
import { KeysView } from './keys/keys-view.tsx'
import { LabView } from './lab/lab-view.tsx'
import { useLoaded } from './loaded.ts'
import { ObjectsView } from './objects/objects-view.tsx'
import { Notice } from './parts/notice.tsx'
import { hasToken, keepControlToken } from './session.ts'
import type { View } from './view.ts'

/** The views, in the order of the page's head. */
const views: { name: string; title: string; Show: View }[] = [
  { name: 'objects', title: 'Objects', Show: ObjectsView },
  { name: 'keys', title: 'Keys', Show: KeysView },
  { name: 'calls', title: 'Calls', Show: CallsView },
  { name: 'access', title: 'Access', Show: AccessView },
  { name: 'lab', title: 'Lab', Show: LabView },
]

/** Until it is known. */
const unknown: Overview = {
  version: '',
  accountId: '',
  region: 'us-east-1',
  endpoint: '',
  now: 0,
  status: 'ok',
  recordsDataEvents: false,
}

/** The whole page. */
export function App() {
  const [isKnown, setKnown] = useState(hasToken)
  const [refusal, setRefusal] = useState<Error>()
  if (isKnown && !refusal) return <Console onRefused={setRefusal} />
  const enter = () => {
    setRefusal(undefined)
    setKnown(true)
  }
  return <TokenForm refusal={refusal} onToken={enter} />
}

function Console({ onRefused }: { onRefused(refusal: Error): void }) {
  const { segments, parameters } = useAddress()
  const overview = useLoaded<Overview>((signal) => read('overview', {}, signal), 'overview')
  const [name = 'objects', ...rest] = segments
  const view = views.find((known) => known.name === name) ?? views[0]
  const { error } = overview
  useEffect(() => {
    if (error instanceof Refused && error.status === 403) onRefused(error)
  }, [error, onRefused])
  if (error) {
    return (
      <main>
        <Notice error={error} />
      </main>
    )
  }
  if (!view) return null
  // What a view shows need not wait for the page's head.
  const known = overview.value ?? unknown
  document.title = `${view.title} · s3kms-emu`
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <header class="head">
        <span class="name">s3kms-emu</span>
        <nav aria-label="Views">
          {views.map(({ name: other, title }) => (
            <a key={other} href={addressOf([other])} aria-current={other === view.name ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <span class="where">
          {[known.endpoint, known.accountId, known.region, known.version].filter((text) => text !== '').join(' · ')}
        </span>
      </header>
      <main id="main" tabIndex={-1}>
        <view.Show segments={rest} parameters={parameters} overview={known} />
      </main>
    </>
  )
}

function TokenForm({ refusal, onToken }: { refusal: Error | undefined; onToken(): void }) {
  const [token, setToken] = useState('')
  const enter = (event: Event) => {
    event.preventDefault()
    keepControlToken(token)
    onToken()
  }
  return (
    <main>
      <h1>s3kms-emu</h1>
      <Notice error={refusal} />
      <form onSubmit={enter}>
        <label class="field">
          The emulator’s --control-token
          <input
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Open
        </button>
      </form>
    </main>
  )
}
