import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, type Credentials as GivenCredentials } from '@aws-sdk/client-sts'
import { exampleAccount, sessionName } from './names.ts'
import type { RoleSpec, Statement, UserSpec } from './scenario.ts'
import type { Setting } from './setting.ts'
import type { Account, Credentials } from './target.ts'

/* Users, roles and their sessions, made by IAM and STS. First they are made, so that policies can name them; then they get theirs. */

const PolicyName = 'contract'

export function documentOf(Statement: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

export const tagsOf = (tags: Record<string, string> = {}) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** @returns its access key */
export async function makeUser(setting: Setting, name: string, spec: UserSpec): Promise<Credentials> {
  const account = setting.accountOf(spec)
  const { iam } = account.administrator
  const UserName = setting.name(name)
  await iam.send(new CreateUserCommand({ UserName, Tags: tagsOf(spec.tags) }))
  setting.cleaner.add(() => iam.send(new DeleteUserCommand({ UserName })))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {}
  setting.cleaner.add(() => iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })))
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
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags: tagsOf(spec.tags) }))
  setting.cleaner.add(() => iam.send(new DeleteRoleCommand({ RoleName })))
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
  const account = setting.accountOf(spec)
  const { iam } = account.administrator
  const UserName = setting.name(name)
  const { policy, managed, boundary } = spec
  if (policy) {
    const PolicyDocument = setting.names.actual(documentOf(policy))
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }))
    setting.cleaner.add(() => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })))
  }
  if (managed) {
    const PolicyArn = await makePolicy(setting, account, `${name}Policy`, managed)
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }))
    setting.cleaner.add(() => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })))
  }
  if (!boundary) return
  const PermissionsBoundary = await makePolicy(setting, account, `${name}Boundary`, boundary)
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }))
}

export async function giveRolePolicies(setting: Setting, name: string, spec: RoleSpec): Promise<void> {
  const account = setting.target.own
  const { iam } = account.administrator
  const RoleName = setting.name(name)
  const { policy, managed, boundary } = spec
  if (policy) {
    const PolicyDocument = setting.names.actual(documentOf(policy))
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }))
    setting.cleaner.add(() => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })))
  }
  if (managed) {
    const PolicyArn = await makePolicy(setting, account, `${name}Policy`, managed)
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }))
    setting.cleaner.add(() => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })))
  }
  if (!boundary) return
  const PermissionsBoundary = await makePolicy(setting, account, `${name}Boundary`, boundary)
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }))
}

async function makePolicy(setting: Setting, account: Account, name: string, statements: readonly Statement[]) {
  const { iam } = account.administrator
  const PolicyName = setting.name(name)
  const PolicyDocument = setting.names.actual(documentOf(statements))
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))
  const PolicyArn = Policy?.Arn ?? ''
  // Behind the entity: while it is a boundary the policy cannot go.
  setting.cleaner.addLast(() => iam.send(new DeletePolicyCommand({ PolicyArn })))
  return PolicyArn
}
