import type { XmlContent, XmlElement } from '../../protocol/rest-xml.ts'
import { namedOwner } from '../documents/named-owner.ts'
import { childrenOf, document, enumeration, list, named, required, string, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { type Acl, type Grantee, permissions } from '../records/acl.ts'
import type { S3Settings } from '../settings.ts'
import { readEmailAddress, readGroup, readId } from './acl-grantee.ts'

/*
 * An ACL as a document:
 *
 *   <AccessControlPolicy>
 *     <Owner><ID>…</ID></Owner>
 *     <AccessControlList>
 *       <Grant><Grantee xsi:type="CanonicalUser"><ID>…</ID></Grantee><Permission>READ</Permission></Grant> …
 *
 * The kind of a grantee is an attribute, so that its element is read here and not by a shape.
 */

const malformed = s3Errors.MalformedACLError
const Owner = structure({ ID: required(string(), malformed), DisplayName: string() })
const Grant = structure({
  Grantee: required(document(), malformed),
  Permission: required(enumeration(permissions, malformed), malformed),
})
export const AccessControlPolicy = structure({
  Owner: required(Owner, malformed),
  Grants: required(named('AccessControlList', list('Grant', Grant)), malformed),
})

/** How many grants an ACL may have: "Access control list (ACL) overview". */
const mostGrants = 100

/**
 * Reads the grants that a document asks for.
 * @param owner canonical user id of who owns the bucket or the object, and stays its owner
 * @throws AwsError MalformedACLError, InvalidArgument; AccessDenied for another owner
 */
export function readAclDocument(body: XmlElement, owner: string): Acl {
  const { Owner, Grants } = AccessControlPolicy.read(body)
  if (Grants.length > mostGrants) throw malformed()
  if (Owner.ID !== owner) {
    readId(Owner.ID, 'CanonicalUser/ID')
    throw s3Errors.AccessDenied()
  }
  return Grants.map(({ Grantee, Permission }) => ({ grantee: readGrantee(Grantee), permission: Permission }))
}

function readGrantee(content: XmlContent): Grantee {
  const grantee = childrenOf(content)
  switch (typeOf(grantee)) {
    case 'CanonicalUser':
      return readId(textOf(grantee.ID), 'CanonicalUser/ID')
    case 'Group':
      return readGroup(textOf(grantee.URI), 'Group/URI')
    case 'AmazonCustomerByEmail':
      return readEmailAddress()
    default:
      throw malformed()
  }
}

/** `xsi:type`, whatever the prefix. */
function typeOf(grantee: XmlElement): XmlElement[string] {
  const name = Object.keys(grantee).find((child) => child.startsWith('@') && child.endsWith(':type'))
  return name === undefined ? undefined : grantee[name]
}

function textOf(content: XmlElement[string]): string {
  if (typeof content === 'string') return content
  throw malformed()
}

/**
 * An ACL as S3 shows it.
 * @param owner canonical user id
 */
export function aclDocument(owner: string, acl: Acl, settings: S3Settings): XmlElement {
  const Grant = acl.map(({ grantee, permission }) => ({
    Grantee: granteeElement(grantee, settings),
    Permission: permission,
  }))
  return { Owner: namedOwner(owner, settings), AccessControlList: { Grant } }
}

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

function granteeElement(grantee: Grantee, settings: S3Settings): XmlElement {
  if ('id' in grantee) {
    return { '@xmlns:xsi': schemaInstance, '@xsi:type': 'CanonicalUser', ...namedOwner(grantee.id, settings) }
  }
  return { '@xmlns:xsi': schemaInstance, '@xsi:type': 'Group', URI: grantee.group }
}
