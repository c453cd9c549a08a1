import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, allow, openIam, trust } from '../iam.fixture.ts'

test('members of a group have its policies, also when it is called otherwise', async () => {
  const { call, refusal, principals } = await openIam()
  await call('CreateUser', { UserName: 'anna' })
  await call('CreateGroup', { GroupName: 'team' })
  const membership = { GroupName: 'team', UserName: 'anna' }
  expect(await refusal('AddUserToGroup', { GroupName: 'none', UserName: 'nobody' })).toBe(
    'NoSuchEntity: The user with name nobody cannot be found.',
  )
  await call('AddUserToGroup', membership)
  await call('AddUserToGroup', membership)
  await call('PutGroupPolicy', { GroupName: 'team', PolicyName: 'of-group', PolicyDocument: allow('kms:*') })
  await call('UpdateGroup', { GroupName: 'team', NewGroupName: 'crew' })
  const anna = userCaller(accountId, 'anna')
  expect(principals.permissionsOf(anna).identity?.map(({ name }) => name)).toEqual(['of-group'])
  expect((await call('GetGroup', { GroupName: 'crew' })).Users).toMatchObject({ member: { UserName: 'anna' } })
  expect((await call('ListGroupsForUser', { UserName: 'anna' })).Groups).toMatchObject({
    member: { GroupName: 'crew' },
  })
  expect(await refusal('DeleteGroup', { GroupName: 'crew' })).toBe(
    'DeleteConflict: Cannot delete entity, must remove users from group first.',
  )
  await call('RemoveUserFromGroup', { GroupName: 'crew', UserName: 'anna' })
  expect(principals.permissionsOf(anna).identity).toEqual([])
})

test('a role tells of itself what each operation tells', async () => {
  const { call } = await openIam()
  const made = await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trust, Description: 'of tests' })
  const role = { RoleName: 'r', Path: '/', Arn: `arn:aws:iam::${accountId}:role/r` }
  expect(made.Role).toMatchObject({ ...role, AssumeRolePolicyDocument: encodeURIComponent(trust) })
  expect(Object.keys(Object(made.Role))).not.toContain('Description')
  expect((await call('GetRole', { RoleName: 'r' })).Role).toMatchObject({
    ...role,
    Description: 'of tests',
    MaxSessionDuration: '3600',
    RoleLastUsed: '',
  })
  await call('UpdateRole', { RoleName: 'r', MaxSessionDuration: '7200' })
  expect((await call('ListRoles')).Roles).toMatchObject({
    member: { ...role, Description: 'of tests', MaxSessionDuration: '7200' },
  })
})

test('a trust policy follows the user it names, and keeps the id of one who is deleted', async () => {
  const { call } = await openIam()
  const arnOf = (name: string) => `arn:aws:iam::${accountId}:user/${name}`
  await call('CreateUser', { UserName: 'anna' })
  const { User } = await call('GetUser', { UserName: 'anna' })
  const [statement] = JSON.parse(trust).Statement
  const documentOf = (AWS: unknown) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...statement, Principal: { AWS, Service: 'ec2.amazonaws.com' } }],
    })
  await call('CreateRole', { RoleName: 'one', AssumeRolePolicyDocument: documentOf(arnOf('anna')) })
  await call('CreateRole', {
    RoleName: 'several',
    AssumeRolePolicyDocument: documentOf([arnOf('annabel'), arnOf('anna')]),
  })
  const trusted = async (RoleName: string) => {
    const { Role } = await call('GetRole', { RoleName })
    return decodeURIComponent(String(Object(Role).AssumeRolePolicyDocument))
  }
  await call('UpdateUser', { UserName: 'anna', NewUserName: 'anne' })
  expect(await trusted('one')).toBe(documentOf(arnOf('anne')))
  await call('DeleteUser', { UserName: 'anne' })
  const { UserId } = Object(User)
  expect(await trusted('one')).toBe(documentOf(UserId))
  expect(await trusted('several')).toBe(documentOf([arnOf('annabel'), UserId]))
})

test.each<[string, object | string, string]>([
  ['no JSON', '{', 'This policy contains invalid Json'],
  ['another action', { Action: 's3:GetObject' }, 'AssumeRole policy may only specify STS AssumeRole actions.'],
  ['a resource', { Resource: '*' }, 'Has prohibited field Resource'],
  ['everybody in one sign', { Principal: '*' }, 'Principal must be a JSON object.'],
  ['no service', { Principal: { Service: 'ec2' } }, 'Invalid principal in policy: "SERVICE":"ec2"'],
])('a trust policy with %s is refused', async (_case, changes, words) => {
  const { refusal } = await openIam()
  const [statement] = JSON.parse(trust).Statement
  const document =
    typeof changes === 'string'
      ? changes
      : JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, ...changes }] })
  expect(await refusal('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: document })).toBe(
    `MalformedPolicyDocument: ${words}`,
  )
})

test('a profile has one role, and neither is deleted while they are together', async () => {
  const { call, refusal } = await openIam()
  for (const RoleName of ['r', 's']) await call('CreateRole', { RoleName, AssumeRolePolicyDocument: trust })
  const profile = { InstanceProfileName: 'p' }
  await call('CreateInstanceProfile', profile)
  await call('AddRoleToInstanceProfile', { ...profile, RoleName: 'r' })
  expect(await refusal('AddRoleToInstanceProfile', { ...profile, RoleName: 's' })).toBe(
    'LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  )
  expect((await call('GetInstanceProfile', profile)).InstanceProfile).toMatchObject({
    Roles: { member: { RoleName: 'r' } },
    Tags: '',
  })
  expect(await refusal('DeleteRole', { RoleName: 'r' })).toBe(
    'DeleteConflict: Cannot delete entity, must remove roles from instance profile first.',
  )
  expect(await refusal('DeleteInstanceProfile', profile)).toContain('must remove roles from instance profile first')
  await call('RemoveRoleFromInstanceProfile', { ...profile, RoleName: 'r' })
  expect(await refusal('RemoveRoleFromInstanceProfile', { ...profile, RoleName: 'r' })).toBe(
    'NoSuchEntity: Role r in Instance Profile p cannot be found.',
  )
})

test('the details of an account tell of everything in it', async () => {
  const { call } = await openIam()
  await call('CreateUser', { UserName: 'anna' })
  await call('PutUserPolicy', { UserName: 'anna', PolicyName: 'own', PolicyDocument: allow('kms:*') })
  await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trust })
  await call('CreatePolicy', { PolicyName: 'p', PolicyDocument: allow('s3:*') })
  const details = await call('GetAccountAuthorizationDetails')
  expect(details).toMatchObject({
    UserDetailList: { member: { UserName: 'anna', UserPolicyList: { member: { PolicyName: 'own' } }, GroupList: '' } },
    RoleDetailList: { member: { RoleName: 'r', InstanceProfileList: '', RolePolicyList: '' } },
    GroupDetailList: '',
    Policies: { member: { PolicyName: 'p', PolicyVersionList: { member: { VersionId: 'v1' } } } },
    IsTruncated: 'false',
  })
  const users = await call('GetAccountAuthorizationDetails', { 'Filter.member.1': 'User' })
  expect(users).toMatchObject({ RoleDetailList: '', Policies: '' })
  const first = await call('GetAccountAuthorizationDetails', { MaxItems: '1' })
  expect(first.IsTruncated).toBe('true')
  const { SummaryMap } = await call('GetAccountSummary')
  expect(Object(SummaryMap).entry).toContainEqual({ key: 'Roles', value: '1' })
})

test('two accounts know nothing of each other', async () => {
  const { call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'anna' })
  const foreigner = userCaller('111122223333', 'eve', 'eve')
  expect(await refusal('GetUser', { UserName: 'anna' }, foreigner)).toBe(
    'NoSuchEntity: The user with name anna cannot be found.',
  )
  expect((await call('ListUsers', {}, foreigner)).Users).toBe('')
})
