import { type ManagedPolicy, managedPolicies, policyVersions } from '../../identity/records.ts'
import { boolean, required, structure } from '../../protocol/shapes.ts'
import { sizeOf } from '../documents/document.ts'
import { checkIdentityDocument } from '../documents/identity-document.ts'
import { encodedDocument, requireOwnPolicy, requirePolicy } from '../entities/managed-policies.ts'
import { type Version, versionMember, versionsOf } from '../entities/policy-versions.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { type IamCall, iamOperation } from '../operation.ts'
import { pageOf } from '../pages.ts'
import { Arn, PolicyDocument, paging, VersionId } from '../shapes.ts'

/* Versions of a managed policy: five at most, v1, v2, …, of which the default one counts. */

const mostVersions = 5

export const CreatePolicyVersion = iamOperation({
  name: 'CreatePolicyVersion',
  input: structure({
    PolicyArn: required(Arn),
    PolicyDocument: required(PolicyDocument),
    SetAsDefault: boolean(),
  }),
  readOnly: false,
  on: (_call, { PolicyArn }) => PolicyArn,
  async handle(call, { PolicyArn, PolicyDocument: document, SetAsDefault = false }) {
    const policy = requireOwnPolicy(call, PolicyArn)
    checkIdentityDocument(document, 'managed')
    requireQuota('PolicySize', sizeOf(document))
    if ((await versionsOf(call, policy)).length >= mostVersions) {
      throw iamErrors.LimitExceeded(
        'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
      )
    }
    const version = policy.newestVersion + 1
    const { now } = call
    call.transaction.put(policyVersions, [policy.arn, version], { document, createdAt: now })
    const chosen = SetAsDefault ? { document, defaultVersion: version } : undefined
    call.transaction.put(managedPolicies, [policy.arn], {
      ...policy,
      newestVersion: version,
      updatedAt: now,
      ...chosen,
    })
    return { PolicyVersion: { VersionId: `v${version}`, IsDefaultVersion: SetAsDefault, CreateDate: new Date(now) } }
  },
})

const ofOne = structure({ PolicyArn: required(Arn), VersionId: required(VersionId) })

export const GetPolicyVersion = iamOperation({
  name: 'GetPolicyVersion',
  input: ofOne,
  readOnly: true,
  on: (_call, { PolicyArn }) => PolicyArn,
  handle(call, { PolicyArn, VersionId }) {
    const { version, document, ...told } = findVersion(call, PolicyArn, VersionId)
    return { PolicyVersion: { Document: encodedDocument(document), ...versionMember({ version, ...told }) } }
  },
})

export const ListPolicyVersions = iamOperation({
  name: 'ListPolicyVersions',
  input: structure({ PolicyArn: required(Arn), ...paging }),
  readOnly: true,
  on: (_call, { PolicyArn }) => PolicyArn,
  async handle(call, { PolicyArn, ...asked }) {
    const policy = requirePolicy(call, PolicyArn)
    const versions = (await versionsOf(call, policy)).reverse()
    const { rows, paging } = await pageOf(versions, asked, ({ version }) => String(1e9 - version))
    return { Versions: rows.map(versionMember), ...paging }
  },
})

export const SetDefaultPolicyVersion = iamOperation({
  name: 'SetDefaultPolicyVersion',
  input: ofOne,
  readOnly: false,
  on: (_call, { PolicyArn }) => PolicyArn,
  handle(call, { PolicyArn, VersionId }) {
    const { version, document } = findVersion(call, PolicyArn, VersionId)
    const policy = requireOwnPolicy(call, PolicyArn)
    const chosen = { document, defaultVersion: version, updatedAt: call.now }
    call.transaction.put(managedPolicies, [policy.arn], { ...policy, ...chosen })
    return undefined
  },
})

export const DeletePolicyVersion = iamOperation({
  name: 'DeletePolicyVersion',
  input: ofOne,
  readOnly: false,
  on: (_call, { PolicyArn }) => PolicyArn,
  handle(call, { PolicyArn, VersionId }) {
    const { version, isDefault } = findVersion(call, PolicyArn, VersionId)
    const { arn } = requireOwnPolicy(call, PolicyArn)
    if (isDefault) throw iamErrors.DeleteConflict('Cannot delete the default version of a policy.')
    call.transaction.delete(policyVersions, [arn, version])
    return undefined
  },
})

/** @throws AwsError NoSuchEntity, of the policy and of the version in the same words */
function findVersion(call: IamCall, arn: string, versionId: string): Version {
  const absent = `Policy ${arn} version ${versionId} does not exist or is not attachable.`
  const policy = requirePolicy(call, arn, absent)
  const version = Number(versionId.slice(1))
  const isDefault = version === policy.defaultVersion
  if (isDefault) return { version, isDefault, document: policy.document, createdAt: createdAtOf(call, policy) }
  const kept = call.transaction.get(policyVersions, [arn, version])
  if (!kept || `v${version}` !== versionId) throw iamErrors.NoSuchEntity(absent)
  return { version, isDefault, ...kept }
}

function createdAtOf({ transaction }: IamCall, { arn, defaultVersion, createdAt = 0 }: ManagedPolicy): number {
  return transaction.get(policyVersions, [arn, defaultVersion])?.createdAt ?? createdAt
}
