import type { Identities, Permissions } from '../../access/sides.ts'
import type { Caller } from '../../aws/caller.ts'

/** For tests: policies of callers, by their ARN. Each is a list of statements. */
export class DeclaredIdentities implements Identities {
  readonly policies = new Map<string, object[]>()
  readonly boundaries = new Map<string, object[]>()
  readonly sessions = new Map<string, object[]>()

  permissionsOf({ arn, role }: Caller): Permissions {
    const named = (name: string, statements: object[] | undefined) =>
      statements && { name, document: documentOf(statements) }
    const own = named('own', this.policies.get(role?.arn ?? arn))
    const session = named('session policy', this.sessions.get(arn))
    return {
      identity: own && [own],
      boundary: named('limit', this.boundaries.get(role?.arn ?? arn)),
      session: session && [session],
    }
  }
}

/** A policy of these statements. */
export function documentOf(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
