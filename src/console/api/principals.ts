import { principals } from '../../identity/records.ts'
import type { PrincipalRow } from '../answers.ts'
import type { ApiContext } from '../services.ts'

const shownAtMost = 1000

/** Users and roles that are declared; those without policies are administrators of their account. */
export async function listPrincipals({ services }: ApiContext): Promise<PrincipalRow[]> {
  const rows: PrincipalRow[] = []
  for await (const { value } of services.inProcess.database.entries(principals, { limit: shownAtMost })) {
    const { arn, policies, attachedPolicies = [], groups = [], permissionsBoundary } = value
    rows.push({
      arn,
      isAdministrator: !policies && attachedPolicies.length === 0 && groups.length === 0,
      policies: (policies ?? []).map(({ name, document }) => ({ name, document })),
      attached: [...attachedPolicies, ...groups],
      boundary: permissionsBoundary,
    })
  }
  return rows
}
