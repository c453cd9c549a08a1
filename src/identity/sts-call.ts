import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { HttpCall } from '../protocol/http.ts'
import type { Principals } from './principals.ts'

/** One authenticated call of STS. */
export interface StsCall {
  http: HttpCall
  caller: Caller
  region: string
  parameters: ReadonlyMap<string, string>
  principals: Principals
  ambient: Ambient
}
