import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, type Credentials as GivenCredentials } from '@aws-sdk/client-sts'
import { exampleAccount, sessionName } from './names.ts'
import type { RoleSpec, Statement, UserSpec } from './scenario.ts'
import type { Setting } from './setting.ts'
import type { Credentials } from './target.ts'

/* Users, roles and their sessions, made by IAM and STS. First they are made, so that policies can name them; then they get theirs. */

const PolicyName = 'contract'

export function documentOf(Statement: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

export const tagsOf = (tags: Record<string, string> = {}) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** @returns its access key */
export async function makeUser(setting: Setting, name: string, spec: UserSpec): Promise<Credentials> {
  const { iam } = setting.accountOf(spec).administrator
  const UserName = setting.name(name)
  const { isForeign } = spec
  await setting.make({ kind: 'user', name: UserName, isForeign }, () =>
    iam.send(new CreateUserCommand({ UserName, Tags: tagsOf(spec.tags) })),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
  setting.note({ kind: 'user-access-key', name: AccessKeyId, of: UserName, isForeign })
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }
}

/** A role that everybody of the account may assume whom its policies allow. */
export async function makeRole(setting: Setting, name: string, spec: RoleSpec): Promise<string> {
  const { iam } = setting.target.own.administrator
  const RoleName = setting.name(name)
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${exampleAccount}:root` },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
  }
  const AssumeRolePolicyDocument = setting.names.actual(documentOf([trust as Statement]))
  const input = { RoleName, AssumeRolePolicyDocument, Tags: tagsOf(spec.tags) }
  await setting.make({ kind: 'role', name: RoleName }, () => iam.send(new CreateRoleCommand(input)))
  return `arn:aws:iam::${exampleAccount}:role/${name}`
}

export async function assumeRole(
  setting: Setting,
  name: string,
  { session, sessionTags }: RoleSpec,
): Promise<Credentials> {
  const { sts } = setting.target.own.administrator
  const RoleArn = setting.names.actual(`arn:aws:iam::${exampleAccount}:role/${name}`)
  const Policy = session && setting.names.actual(documentOf(session))
  const input = { RoleArn, RoleSessionName: sessionName, Policy, Tags: sessionTags && tagsOf(sessionTags) }
  const { Credentials } = await setting.persist(() => sts.send(new AssumeRoleCommand(input)))
  return given(Credentials)
}

function given({ AccessKeyId = '', SecretAccessKey = '', SessionToken }: Partial<GivenCredentials> = {}): Credentials {
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

export async function giveUserPolicies(setting: Setting, name: string, spec: UserSpec): Promise<void> {
  const { iam } = setting.accountOf(spec).administrator
  const UserName = setting.name(name)
  const { policy, managed, boundary } = spec
  if (policy) {
    const PolicyDocument = setting.names.actual(documentOf(policy))
    setting.note({ kind: 'user-policy', name: PolicyName, of: UserName, isForeign: spec.isForeign })
    await setting.persist(() => iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })))
  }
  if (managed) {
    const PolicyArn = await makePolicy(setting, spec, `${name}Policy`, managed)
    setting.note({ kind: 'user-attachment', name: PolicyArn, of: UserName, isForeign: spec.isForeign })
    await setting.persist(() => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })))
  }
  if (!boundary) return
  const PermissionsBoundary = await makePolicy(setting, spec, `${name}Boundary`, boundary)
  await setting.persist(() => iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary })))
}

export async function giveRolePolicies(setting: Setting, name: string, spec: RoleSpec): Promise<void> {
  const { iam } = setting.target.own.administrator
  const RoleName = setting.name(name)
  const { policy, managed, boundary } = spec
  if (policy) {
    const PolicyDocument = setting.names.actual(documentOf(policy))
    setting.note({ kind: 'role-policy', name: PolicyName, of: RoleName })
    await setting.persist(() => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })))
  }
  if (managed) {
    const PolicyArn = await makePolicy(setting, spec, `${name}Policy`, managed)
    setting.note({ kind: 'role-attachment', name: PolicyArn, of: RoleName })
    await setting.persist(() => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })))
  }
  if (!boundary) return
  const PermissionsBoundary = await makePolicy(setting, spec, `${name}Boundary`, boundary)
  await setting.persist(() => iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary })))
}

async function makePolicy(setting: Setting, { isForeign }: UserSpec, name: string, statements: readonly Statement[]) {
  const { id, administrator } = setting.accountOf({ isForeign })
  const PolicyName = setting.name(name)
  const PolicyDocument = setting.names.actual(documentOf(statements))
  const PolicyArn = `arn:aws:iam::${id}:policy/${PolicyName}`
  await setting.make({ kind: 'policy', name: PolicyArn, isForeign }, () =>
    administrator.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument })),
  )
  return PolicyArn
}
