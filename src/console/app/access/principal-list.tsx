import type { PrincipalRow } from '../../answers.ts'
import { Badge, Empty } from '../parts/notice.tsx'

/** Those that are declared, each with its policies. */
export function PrincipalList({ principals, endpoint }: { principals: readonly PrincipalRow[]; endpoint: string }) {
  if (principals.length === 0) {
    return (
      <Empty>
        Nobody is declared: every access key is an administrator.{' '}
        <code>aws iam create-user --user-name app --endpoint-url {endpoint}</code>
      </Empty>
    )
  }
  return (
    <ul>
      {principals.map(({ arn, isAdministrator, policies, attached, boundary }) => (
        <li key={arn}>
          <code>{arn}</code> {isAdministrator ? <Badge kind="warn">administrator</Badge> : null}
          {attached.map((each) => (
            <div key={each} class="quiet">
              {each}
            </div>
          ))}
          {boundary === undefined ? null : <div class="quiet">at most: {boundary}</div>}
          {policies.map(({ name, document }) => (
            <details key={name}>
              <summary>{name}</summary>
              <pre>{JSON.stringify(JSON.parse(document), undefined, 2)}</pre>
            </details>
          ))}
        </li>
      ))}
    </ul>
  )
}
