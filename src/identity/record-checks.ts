import { fails, faultsWhere, type RecordCheck, type RecordEntry, recordCheck } from '../store/record-check.ts'
import { count, flag, listOf, members, oneOf, optional, text, time } from '../store/record-shape.ts'
import type { MfaDevice } from './mfa.ts'
import { nameOfArn } from './names.ts'
import {
  type AccessKey,
  type AccessKeyRecord,
  accessKeys,
  type EntityType,
  type Group,
  groups,
  type InstanceProfile,
  identityNames,
  instanceProfiles,
  type ManagedPolicy,
  managedPolicies,
  type NamedPolicy,
  type PolicyVersion,
  type Principal,
  policyVersions,
  principals,
  type Tag,
} from './records.ts'
import { type SessionRecord, sessions } from './sessions.ts'

const tags = optional(listOf(members<Tag>({ Key: text, Value: text })))
const entity = { arn: text, uniqueId: optional(text), createdAt: optional(time), tags }
const policy = members<NamedPolicy>({ name: text, arn: optional(text), document: text })
const accessKey = members<AccessKey>({ id: text, secret: text, isInactive: optional(flag), createdAt: optional(time) })

type Checked = Parameters<NonNullable<RecordCheck['faults']>>[1]

/** Each lies under its ARN, and is found by its name. */
function faultsOfEntity(
  { key: [arn], value }: RecordEntry<{ arn: string }, readonly ['string']>,
  { records }: Checked,
) {
  const named = nameOfArn(arn)
  const isFound = !named || !records.isMissing(identityNames, [named.accountId, named.type, named.name.toLowerCase()])
  return faultsWhere([value.arn !== arn, 'is the record of something else'], [!isFound, 'is not found by its name'])
}

/** Users, roles and roots, with their keys and sessions; groups, policies and instance profiles. */
export const identityChecks: readonly RecordCheck[] = [
  recordCheck(
    principals,
    members<Principal>({
      ...entity,
      accessKeys: listOf(accessKey),
      policies: optional(listOf(policy)),
      attachedPolicies: optional(listOf(text)),
      groups: optional(listOf(text)),
      permissionsBoundary: optional(text),
      mfaDevice: optional(members<MfaDevice>({ serialNumber: text, seed: text })),
      description: optional(text),
      trustPolicy: optional(text),
      maxSessionDuration: optional(count),
    }),
    (entry, context) => [
      ...faultsOfEntity(entry, context),
      ...entry.value.accessKeys
        .filter(({ id }) => context.records.isMissing(accessKeys, [id]))
        .map(({ id }) => `has the access key ${id}, which is missing`),
    ],
  ),
  recordCheck(
    accessKeys,
    members<AccessKeyRecord>({ arn: text, secret: text, isInactive: optional(flag), isDeleted: optional(flag) }),
    ({ value: { arn, isDeleted } }, { records }) =>
      faultsWhere([!isDeleted && records.isMissing(principals, [arn]), `is a key of ${arn}, which is missing`]),
  ),
  recordCheck(
    groups,
    members<Group>({ ...entity, policies: listOf(policy), attachedPolicies: listOf(text) }),
    (entry, context) => faultsOfEntity(entry, context),
  ),
  recordCheck(
    managedPolicies,
    members<ManagedPolicy>({
      ...entity,
      description: optional(text),
      document: text,
      defaultVersion: count,
      newestVersion: count,
      updatedAt: optional(time),
    }),
    (entry, context) => {
      const { arn, defaultVersion, newestVersion, document } = entry.value
      return [
        ...faultsOfEntity(entry, context),
        ...faultsWhere(
          [fails(() => JSON.parse(document)), 'is no JSON'],
          [defaultVersion > newestVersion, 'has a default version that is newer than the newest'],
          [context.records.isMissing(policyVersions, [arn, defaultVersion]), 'has a default version that is missing'],
        ),
      ]
    },
  ),
  recordCheck(
    policyVersions,
    members<PolicyVersion>({ document: text, createdAt: time }),
    ({ key: [arn] }, { records }) =>
      faultsWhere([records.isMissing(managedPolicies, [arn]), 'is a version of a policy that is missing']),
  ),
  recordCheck(instanceProfiles, members<InstanceProfile>({ ...entity, roles: listOf(text) }), (entry, context) =>
    faultsOfEntity(entry, context),
  ),
  recordCheck(identityNames, members<{ arn: string }>({ arn: text }), ({ key, value: { arn } }, { records }) => {
    const named = nameOfArn(arn)
    const isOwn = named && [named.accountId, named.type, named.name.toLowerCase()].join('\0') === key.join('\0')
    return faultsWhere(
      [!isOwn, `is not the name of ${arn}`],
      [named !== undefined && records.isMissing(kindOf(named.type), [arn]), `is the name of ${arn}, which is missing`],
    )
  }),
  recordCheck(
    sessions,
    members<SessionRecord>({
      kind: optional(oneOf('role', 'user', 'federated')),
      roleArn: text,
      sessionName: text,
      secretAccessKey: text,
      sessionToken: text,
      issuedAt: time,
      expiresAt: time,
      policy: optional(text),
      policyArns: optional(listOf(text)),
      tags,
      transitiveTagKeys: optional(listOf(text)),
      sourceIdentity: optional(text),
      mfaAt: optional(time),
      uniqueId: optional(text),
    }),
  ),
]

function kindOf(type: EntityType) {
  const kinds = { user: principals, role: principals, group: groups, policy: managedPolicies } as const
  return type === 'instance-profile' ? instanceProfiles : kinds[type]
}
