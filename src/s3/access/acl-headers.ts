import { s3Errors } from '../errors.ts'
import { type Acl, type AskedAcl, type CannedAcl, cannedAcls, type Grant, type Permission } from '../records/acl.ts'
import { readEmailAddress, readGroup, readId } from './acl-grantee.ts'

/*
 * An ACL in headers, or in the fields of a form that stand for them: one by name, or grants.
 *
 *   x-amz-acl: public-read
 *   x-amz-grant-read: id="79a5…f8be", uri="http://acs.amazonaws.com/groups/global/AllUsers"
 */

type Headers = Readonly<Record<string, string>>

/** In the order in which the grants are kept. */
const permissionsOfHeaders: readonly [string, Permission][] = [
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
]

/**
 * Reads what the headers ask for.
 * @returns undefined where they ask for nothing
 * @throws AwsError InvalidRequest for a canned ACL beside grants, InvalidArgument for what is no ACL and no grantee
 */
export function readAclHeaders(headers: Headers, of: 'bucket' | 'object'): AskedAcl | undefined {
  const canned = headers['x-amz-acl']
  const given = permissionsOfHeaders.filter(([name]) => headers[name] !== undefined)
  if (given.length === 0) return canned === undefined ? undefined : { canned: readCanned(canned, of) }
  if (canned !== undefined) {
    throw s3Errors.InvalidRequest('Specifying both Canned ACLs and Header Grants is not allowed')
  }
  return { grants: given.flatMap(([name, permission]) => readGrants(name, headers[name] ?? '', permission)) }
}

/** log-delivery-write is for buckets alone. */
function readCanned(text: string, of: 'bucket' | 'object'): CannedAcl {
  const canned = cannedAcls.find((candidate) => candidate === text)
  if (canned && !(canned === 'log-delivery-write' && of === 'object')) return canned
  throw s3Errors.InvalidArgument('', 'x-amz-acl', text)
}

function readGrants(name: string, value: string, permission: Permission): Acl {
  return value.split(',').map((item): Grant => ({ grantee: readGrantee(name, value, item), permission }))
}

function readGrantee(name: string, value: string, item: string): Grant['grantee'] {
  const mark = item.indexOf('=')
  const type = item.slice(0, Math.max(mark, 0)).trim()
  const text = unquoted(item.slice(mark + 1).trim())
  if (type === 'id') return readId(text, 'id')
  if (type === 'uri') return readGroup(text, 'uri')
  // AWS's own examples spell it emailAddress and emailaddress.
  if (type.toLowerCase() === 'emailaddress') return readEmailAddress()
  throw s3Errors.InvalidArgument('Argument format not recognized', name, value)
}

function unquoted(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}
