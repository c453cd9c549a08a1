import { useState } from 'preact/hooks'
import type { Decision, PrincipalRow } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { post, read } from '../api.ts'
import { useLoaded } from '../loaded.ts'
import { Notice } from '../parts/notice.tsx'
import { Ruling } from '../parts/ruling.tsx'
import type { ViewProps } from '../view.ts'
import { BucketPolicies } from './bucket-policies.tsx'
import { PrincipalList } from './principal-list.tsx'

/** `#/access?principal=…&action=…&resource=…&context=…` */
export function AccessView({ parameters, overview }: ViewProps) {
  const principals = useLoaded<PrincipalRow[]>((signal) => read('principals', {}, signal), 'principals')
  return (
    <>
      <h1>Access</h1>
      <p class="quiet">
        Key policies are shown with their <a href={addressOf(['keys'])}>key</a>.
      </p>
      <Question parameters={parameters} />
      <h2>Users and roles</h2>
      <Notice error={principals.error} />
      {principals.value ? <PrincipalList principals={principals.value} endpoint={overview.endpoint} /> : null}
      <BucketPolicies endpoint={overview.endpoint} />
    </>
  )
}

/** May P do A on R with this context? */
function Question({ parameters }: { parameters: Record<string, string> }) {
  const [principal, setPrincipal] = useState(parameters.principal ?? 'test')
  const [action, setAction] = useState(parameters.action ?? 'kms:Decrypt')
  const [resource, setResource] = useState(parameters.resource ?? 'alias/app')
  const [context, setContext] = useState(parameters.context ?? '')
  const [isViaS3, setViaS3] = useState(parameters.via === 's3')
  const [decision, setDecision] = useState<Decision>()
  const [error, setError] = useState<Error>()
  const isKms = action.startsWith('kms:')
  const ask = (event: Event) => {
    event.preventDefault()
    setError(undefined)
    setDecision(undefined)
    const question = { principal, action, resource, ...(isKms ? ofKms(context, isViaS3) : {}) }
    post<Decision>('decide', question).then(setDecision, setError)
  }
  return (
    <section aria-labelledby="may">
      <h2 id="may">May somebody do something?</h2>
      <form onSubmit={ask}>
        <div class="columns">
          <label class="field">
            Who: a name, an ARN, or * for nobody
            <input required value={principal} onInput={(event) => setPrincipal(event.currentTarget.value)} />
          </label>
          <label class="field">
            Action
            <input
              required
              value={action}
              pattern="(kms|s3):[A-Za-z]+"
              onInput={(event) => setAction(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            Resource: an ARN; of a key also its id or alias
            <input required value={resource} onInput={(event) => setResource(event.currentTarget.value)} />
          </label>
          {isKms ? (
            <label class="field">
              Encryption context, one name=value a line
              <textarea rows={2} value={context} onInput={(event) => setContext(event.currentTarget.value)} />
            </label>
          ) : null}
        </div>
        <div class="bar">
          <button type="submit" class="main">
            Ask
          </button>
          {isKms ? (
            <label>
              <input type="checkbox" checked={isViaS3} onChange={() => setViaS3(!isViaS3)} /> S3 asks in its name
            </label>
          ) : null}
        </div>
      </form>
      <Notice error={error} />
      {decision ? (
        <div aria-live="polite">
          <Ruling ruling={decision.ruling} />
        </div>
      ) : null}
    </section>
  )
}

function ofKms(context: string, isViaS3: boolean): object {
  const pairs = context.split('\n').filter((line) => line.includes('='))
  const encryptionContext = Object.fromEntries(
    pairs.map((line) =>
      line
        .split(/=(.*)/s)
        .slice(0, 2)
        .map((part) => part.trim()),
    ),
  )
  return { encryptionContext, ...(isViaS3 ? { via: 's3' } : {}) }
}
