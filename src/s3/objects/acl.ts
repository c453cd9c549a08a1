import { canonicalUserId, displayName } from '../../aws/caller.ts'
import type { XmlElement } from '../../protocol/rest-xml.ts'

/** The owner has FULL_CONTROL, and nobody else anything. */
export function ownersAcl(accountId: string): XmlElement {
  const ID = canonicalUserId(accountId)
  const DisplayName = displayName(accountId)
  const Grantee = {
    '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    '@xsi:type': 'CanonicalUser',
    ID,
    DisplayName,
  }
  return { Owner: { ID, DisplayName }, AccessControlList: { Grant: { Grantee, Permission: 'FULL_CONTROL' } } }
}
