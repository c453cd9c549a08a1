import type { KeyDetails } from '../../answers.ts'
import { Badge } from '../parts/notice.tsx'

interface Statement {
  Sid?: string
  Effect?: string
  Principal?: unknown
  NotPrincipal?: unknown
  Action?: unknown
  NotAction?: unknown
  Condition?: Record<string, Record<string, unknown>>
}

/** The key policy, statement by statement, in words; the document below it. */
export function PolicyInWords({ details: { policy } }: { details: KeyDetails }) {
  const { Statement: statements } = JSON.parse(policy) as { Statement?: Statement | Statement[] }
  return (
    <>
      <ul>
        {[statements ?? []].flat().map((statement, index) => (
          <li key={`${index} ${statement.Sid}`}>
            <Badge kind={statement.Effect === 'Deny' ? 'bad' : 'good'}>{statement.Effect}</Badge> {whoIn(statement)}{' '}
            {whatIn(statement)}
            {conditionsIn(statement).map((condition) => (
              <div key={condition} class="quiet">
                where {condition}
              </div>
            ))}
          </li>
        ))}
      </ul>
      <details>
        <summary>Key policy</summary>
        <pre>{JSON.stringify(JSON.parse(policy), undefined, 2)}</pre>
      </details>
    </>
  )
}

function whoIn({ Principal, NotPrincipal }: Statement): string {
  if (NotPrincipal !== undefined) return `everybody but ${namesIn(NotPrincipal)}`
  return namesIn(Principal)
}

function namesIn(principal: unknown): string {
  if (principal === '*') return 'everybody'
  if (typeof principal !== 'object' || principal === null) return String(principal)
  const names = Object.values(principal).flat().map(String)
  return names
    .map((name) => (name === '*' ? 'everybody' : name.replace(/^arn:aws:iam::(\d+):root$/, 'the account $1')))
    .join(', ')
}

function whatIn({ Action, NotAction }: Statement): string {
  if (NotAction !== undefined) return `all but ${listed(NotAction)}`
  const actions = listed(Action)
  return actions === 'kms:*' ? 'everything' : actions
}

function listed(value: unknown): string {
  return [value].flat().map(String).join(', ')
}

function conditionsIn({ Condition = {} }: Statement): string[] {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${key} ${operator} ${[values].flat().join(' or ')}`),
  )
}

/** Each grant as a sentence. */
export function Grants({ details: { grants } }: { details: KeyDetails }) {
  if (grants.length === 0) return <p class="quiet">No grants.</p>
  return (
    <ul>
      {grants.map(({ id, grantee, operations, context, name }) => (
        <li key={id}>
          <Badge kind="good">Grant</Badge> {name === undefined ? '' : `“${name}”: `}
          {grantee} {operations.join(', ')}
          {Object.entries(context ?? {}).map(([key, value]) => (
            <div key={key} class="quiet">
              where the context has {key}={value}
            </div>
          ))}
        </li>
      ))}
    </ul>
  )
}
