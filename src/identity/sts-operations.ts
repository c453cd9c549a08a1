import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { XmlElement } from '../protocol/rest-xml.ts'
import type { Principals } from './principals.ts'

/** One authenticated call of STS. */
export interface StsCall {
  caller: Caller
  parameters: ReadonlyMap<string, string>
  principals: Principals
  ambient: Ambient
}

type StsOperation = (call: StsCall) => XmlElement | Promise<XmlElement>

/** Every action that is here; the endpoint refuses the others by name. */
export const stsOperations: Readonly<Record<string, StsOperation>> = {
  /** Needs no permission on AWS either: whoever can sign may ask who they are. */
  GetCallerIdentity: ({ caller }) => ({ Arn: caller.arn, UserId: caller.principalId, Account: caller.accountId }),
}
