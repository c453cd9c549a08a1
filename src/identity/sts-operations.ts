import type { XmlElement } from '../protocol/rest-xml.ts'
import { assumeRole } from './assume-role.ts'
import type { StsCall } from './sts-call.ts'

type StsOperation = (call: StsCall) => XmlElement | Promise<XmlElement>

/** Every action that is here; the endpoint refuses the others by name. */
export const stsOperations: Readonly<Record<string, StsOperation>> = {
  /** Needs no permission on AWS either: whoever can sign may ask who they are. */
  GetCallerIdentity: ({ caller }) => ({ Arn: caller.arn, UserId: caller.principalId, Account: caller.accountId }),
  AssumeRole: assumeRole,
}
