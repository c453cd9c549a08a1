import type { Explanations } from '../access/explanations.ts'
import type { PolicyCache } from '../access/policy-cache.ts'
import type { Ruling } from '../access/ruling.ts'
import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { Principals } from '../identity/principals.ts'
import type { HttpCall } from '../protocol/http.ts'
import type { QueryOutput } from '../protocol/query-output.ts'
import type { Shape } from '../protocol/shapes.ts'
import type { Database } from '../store/database.ts'
import type { TrailResource } from '../trail/event.ts'
import type { Trail } from '../trail/trail.ts'

/** One authenticated call of STS. */
export interface StsCall {
  http: HttpCall
  caller: Caller
  region: string
  /** ms since the epoch */
  now: number
  services: StsServices
  /** What was asked of policies, in order: operations add to it. */
  rulings: Ruling[]
}

export interface StsServices {
  database: Database
  ambient: Ambient
  principals: Principals
  /** Policies as they are weighed. */
  policies: PolicyCache
  explanations: Explanations
  trail: Trail
}

export interface OperationDeclaration<Input> {
  name: string
  input: Shape<Input>
  /** Who calls with credentials of GetSessionToken, or of GetFederationToken, may call it too. */
  openTo: 'everybody' | 'session tokens' | 'long-term keys'
  /** What of a role the event names. */
  resources?(input: Input): TrailResource[]
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. */
  differs?: string
  handle(call: StsCall, input: Input): QueryOutput | Promise<QueryOutput>
}

/** An operation in the table. */
export type StsOperation = OperationDeclaration<object>

/** Declares an operation: types its parts against its input, and forgets the type for the table. */
export function stsOperation<Input extends object>(declaration: OperationDeclaration<Input>): StsOperation {
  return declaration
}
