import { entityArn } from '../../identity/names.ts'
import { principals } from '../../identity/records.ts'
import { required, structure } from '../../protocol/shapes.ts'
import { sizeOf } from '../documents/document.ts'
import { checkTrustDocument } from '../documents/trust-document.ts'
import { boundaryOf } from '../entities/boundaries.ts'
import { arnNamed, countOf, findRole, newArn, newUniqueId, positionOf, walk } from '../entities/entities.ts'
import { profilesOfRole } from '../entities/instance-profiles.ts'
import { addPrincipal, change, removePrincipal } from '../entities/principals.ts'
import { roleOf } from '../entities/roles.ts'
import { checkTags } from '../entities/tags.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { type IamPlace, iamOperation } from '../operation.ts'
import { pageOf, positionOfMarker } from '../pages.ts'
import {
  Arn,
  MaxSessionDuration,
  Path,
  PathPrefix,
  PolicyDocument,
  paging,
  RoleDescription,
  RoleName,
  Tags,
} from '../shapes.ts'

const onRole = (call: IamPlace, { RoleName }: { RoleName: string }) => arnNamed(call, 'role', RoleName)

function checkTrust(document: string): void {
  checkTrustDocument(document)
  requireQuota('ACLSizePerRole', sizeOf(document))
}

export const CreateRole = iamOperation({
  name: 'CreateRole',
  input: structure({
    Path,
    RoleName: required(RoleName),
    AssumeRolePolicyDocument: required(PolicyDocument),
    Description: RoleDescription,
    MaxSessionDuration,
    PermissionsBoundary: Arn,
    Tags,
  }),
  readOnly: false,
  on: ({ accountId }, { RoleName: name, Path: path = '/' }) => entityArn({ accountId, type: 'role', path, name }),
  differs: 'A trust policy may name users and roles that are not there.',
  async handle(call, { RoleName, Path, AssumeRolePolicyDocument, Description, Tags = [], ...given }) {
    checkTags('role', Tags)
    checkTrust(AssumeRolePolicyDocument)
    const arn = newArn(call, 'role', RoleName, Path)
    requireQuota('RolesPerAccount', (await countOf(call.transaction, call.accountId, 'role')) + 1)
    const role = {
      arn,
      uniqueId: newUniqueId(call, 'AROA'),
      createdAt: call.now,
      accessKeys: [],
      policies: [],
      description: Description === '' ? undefined : Description,
      trustPolicy: AssumeRolePolicyDocument,
      maxSessionDuration: given.MaxSessionDuration,
      permissionsBoundary: boundaryOf(call, given.PermissionsBoundary),
      tags: Tags,
    }
    addPrincipal(call, role)
    return { Role: roleOf(role, { boundary: true, tags: 'given' }) }
  },
})

export const GetRole = iamOperation({
  name: 'GetRole',
  input: structure({ RoleName: required(RoleName) }),
  readOnly: true,
  on: (call, input) => onRole(call, input),
  differs: 'RoleLastUsed is empty, whoever used the role.',
  handle: (call, { RoleName }) => ({
    Role: roleOf(findRole(call, RoleName), {
      description: true,
      duration: true,
      boundary: true,
      tags: 'given',
      lastUsed: true,
    }),
  }),
})

export const ListRoles = iamOperation({
  name: 'ListRoles',
  input: structure({ PathPrefix, ...paging }),
  readOnly: true,
  on: ({ accountId }, { PathPrefix: path = '/' }) => `arn:aws:iam::${accountId}:role${path}`,
  async handle(call, { PathPrefix: pathPrefix, ...asked }) {
    const found = walk(call, principals, 'role', { pathPrefix, after: positionOfMarker(asked.Marker) })
    const { rows, paging } = await pageOf(found, asked, positionOf)
    return { Roles: rows.map((role) => roleOf(role, { description: true, duration: true })), ...paging }
  },
})

export const UpdateRole = iamOperation({
  name: 'UpdateRole',
  input: structure({ RoleName: required(RoleName), Description: RoleDescription, MaxSessionDuration }),
  readOnly: false,
  on: (call, input) => onRole(call, input),
  handle(call, { RoleName, Description, MaxSessionDuration }) {
    const role = findRole(call, RoleName)
    // What is left out stays as it is, whatever the documentation says (evidence: iam-update-role).
    change(call, {
      ...role,
      description: Description ?? role.description,
      maxSessionDuration: MaxSessionDuration ?? role.maxSessionDuration,
    })
    return {}
  },
})

export const UpdateRoleDescription = iamOperation({
  name: 'UpdateRoleDescription',
  input: structure({ RoleName: required(RoleName), Description: required(RoleDescription) }),
  readOnly: false,
  on: (call, input) => onRole(call, input),
  handle(call, { RoleName, Description }) {
    const role = { ...findRole(call, RoleName), description: Description }
    change(call, role)
    return { Role: roleOf(role, { description: true, boundary: true, tags: 'given' }) }
  },
})

export const UpdateAssumeRolePolicy = iamOperation({
  name: 'UpdateAssumeRolePolicy',
  input: structure({ RoleName: required(RoleName), PolicyDocument: required(PolicyDocument) }),
  readOnly: false,
  on: (call, input) => onRole(call, input),
  differs: 'A trust policy may name users and roles that are not there.',
  handle(call, { RoleName, PolicyDocument }) {
    const role = findRole(call, RoleName)
    checkTrust(PolicyDocument)
    change(call, { ...role, trustPolicy: PolicyDocument })
    return undefined
  },
})

export const DeleteRole = iamOperation({
  name: 'DeleteRole',
  input: structure({ RoleName: required(RoleName) }),
  readOnly: false,
  on: (call, input) => onRole(call, input),
  async handle(call, { RoleName }) {
    const role = findRole(call, RoleName)
    const must = (what: string) => iamErrors.DeleteConflict(`Cannot delete entity, must ${what} first.`)
    if (role.attachedPolicies?.length) throw must('detach all policies')
    if (role.policies?.length) throw must('delete policies')
    if ((await profilesOfRole(call, role.arn)).length > 0) throw must('remove roles from instance profile')
    await removePrincipal(call, role)
    return undefined
  },
})
