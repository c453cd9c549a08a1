import { expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, allow, openIam } from '../iam.fixture.ts'

const arn = `arn:aws:iam::${accountId}:user/team/Anna`

test('a user is found in any case, and its name taken whatever the path', async () => {
  const { call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'Anna', Path: '/team/' })
  expect(await call('GetUser', { UserName: 'anna' })).toMatchObject({
    User: { Arn: arn, Path: '/team/', UserName: 'Anna' },
  })
  expect(await refusal('CreateUser', { UserName: 'ANNA' })).toBe(
    'EntityAlreadyExists: User with name ANNA already exists.',
  )
  expect(await refusal('GetUser', { UserName: 'bob' })).toBe('NoSuchEntity: The user with name bob cannot be found.')
})

test('names and paths are checked in IAM’s words', async () => {
  const { refusal } = await openIam()
  expect(await refusal('CreateUser', { UserName: 'a b' })).toBe(
    'ValidationError: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
  )
  expect(await refusal('CreateUser', { UserName: 'a', Path: 'x' })).toContain('It must begin and end with /')
  expect(await refusal('CreateUser', { UserName: 'a'.repeat(65) })).toBe(
    "ValidationError: 1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64",
  )
})

test('a renamed user keeps its id, keys and policies', async () => {
  const { call, principals } = await openIam()
  const { User } = await call('CreateUser', { UserName: 'anna' })
  await call('PutUserPolicy', { UserName: 'anna', PolicyName: 'own', PolicyDocument: allow('kms:*') })
  const { AccessKey } = await call('CreateAccessKey', { UserName: 'anna' })
  await call('UpdateUser', { UserName: 'anna', NewUserName: 'berta', NewPath: '/x/' })
  const { AccessKeyId, UserId } = { ...Object(AccessKey), ...Object(User) }
  const caller = principals.find(AccessKeyId)?.caller
  expect(caller).toMatchObject({ arn: `arn:aws:iam::${accountId}:user/x/berta`, principalId: UserId })
  expect(caller && principals.permissionsOf(caller).identity).toEqual([{ name: 'own', document: allow('kms:*') }])
})

test('a user is deleted once nothing hangs on it, in this order', async () => {
  const { call, refusal } = await openIam()
  const ofAnna = { UserName: 'anna' }
  await call('CreateUser', ofAnna)
  const { AccessKey } = await call('CreateAccessKey', ofAnna)
  await call('CreateGroup', { GroupName: 'team' })
  await call('AddUserToGroup', { ...ofAnna, GroupName: 'team' })
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  await call('AttachUserPolicy', { ...ofAnna, PolicyArn })
  await call('PutUserPolicy', { ...ofAnna, PolicyName: 'own', PolicyDocument: allow('kms:*') })
  const must = async (what: string) =>
    expect(await refusal('DeleteUser', ofAnna)).toBe(`DeleteConflict: Cannot delete entity, must ${what} first.`)
  await must('delete access keys')
  await call('DeleteAccessKey', { ...ofAnna, AccessKeyId: Object(AccessKey).AccessKeyId })
  await must('remove users from group')
  await call('RemoveUserFromGroup', { ...ofAnna, GroupName: 'team' })
  await must('detach all policies')
  await call('DetachUserPolicy', { ...ofAnna, PolicyArn })
  await must('delete policies')
  await call('DeleteUserPolicy', { ...ofAnna, PolicyName: 'own' })
  expect(await refusal('DeleteUser', ofAnna)).toBe('no refusal')
})

test('a user has two access keys at most, and keys that are not its own are not found', async () => {
  const { call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'anna' })
  await call('CreateAccessKey', { UserName: 'anna' })
  await call('CreateAccessKey', { UserName: 'anna' })
  expect(await refusal('CreateAccessKey', { UserName: 'anna' })).toBe(
    'LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2',
  )
  const AccessKeyId = 'AKIAQQQQQQQQQQQQQQQQ'
  expect(await refusal('DeleteAccessKey', { UserName: 'anna', AccessKeyId })).toBe(
    `NoSuchEntity: The Access Key with id ${AccessKeyId} cannot be found.`,
  )
  expect(await refusal('GetAccessKeyLastUsed', { AccessKeyId })).toBe(
    `AccessDenied: User: arn:aws:iam::${accountId}:user/test is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
  )
})

test('a user that was declared as an administrator is one no more once IAM gave it a policy and took it away', async () => {
  const { call, database, principals } = await openIam()
  const admin = userCaller(accountId, 'admin')
  await database.transact((transaction) => principals.add(transaction, { arn: admin.arn, accessKeys: [] }))
  expect(principals.permissionsOf(admin).identity).toBeUndefined()
  const policy = { UserName: 'admin', PolicyName: 'own' }
  await call('PutUserPolicy', { ...policy, PolicyDocument: allow('kms:*') })
  await call('DeleteUserPolicy', policy)
  expect(principals.permissionsOf(admin).identity).toEqual([])
})

test('tags of users ignore the case of their keys, and duplicates are refused', async () => {
  const { call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'anna', 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': 'a' })
  await call('TagUser', { UserName: 'anna', 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'b' })
  expect((await call('ListUserTags', { UserName: 'anna' })).Tags).toEqual({ member: { Key: 'team', Value: 'b' } })
  const twice = {
    'Tags.member.1.Key': 'a',
    'Tags.member.1.Value': '',
    'Tags.member.2.Key': 'A',
    'Tags.member.2.Value': '',
  }
  expect(await refusal('TagUser', { UserName: 'anna', ...twice })).toBe(
    'InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  )
  await call('UntagUser', { UserName: 'anna', 'TagKeys.member.1': 'TEAM' })
  expect((await call('ListUserTags', { UserName: 'anna' })).Tags).toBe('')
})
