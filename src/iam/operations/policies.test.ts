import { expect, test } from '@jest/globals'
import { accountId, allow, openIam } from '../iam.fixture.ts'

const PolicyArn = `arn:aws:iam::${accountId}:policy/own`

test('versions are counted on for ever, five at most, and the default one counts', async () => {
  const { call, refusal, principals } = await openIam()
  await call('CreatePolicy', { PolicyName: 'own', PolicyDocument: allow('kms:*') })
  for (let version = 2; version <= 5; version++) {
    await call('CreatePolicyVersion', { PolicyArn, PolicyDocument: allow(`s3:V${version}`) })
  }
  expect(await refusal('CreatePolicyVersion', { PolicyArn, PolicyDocument: allow('s3:*') })).toContain(
    'LimitExceeded: A managed policy can have up to 5 versions.',
  )
  await call('DeletePolicyVersion', { PolicyArn, VersionId: 'v5' })
  const { PolicyVersion } = await call('CreatePolicyVersion', {
    PolicyArn,
    PolicyDocument: allow('s3:V6'),
    SetAsDefault: 'true',
  })
  expect(PolicyVersion).toMatchObject({ VersionId: 'v6', IsDefaultVersion: 'true' })
  expect(principals.managedPolicy(PolicyArn)?.document).toBe(allow('s3:V6'))
  await call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' })
  expect(principals.managedPolicy(PolicyArn)?.document).toBe(allow('kms:*'))
  expect(await refusal('DeletePolicyVersion', { PolicyArn, VersionId: 'v1' })).toBe(
    'DeleteConflict: Cannot delete the default version of a policy.',
  )
  expect(await refusal('GetPolicyVersion', { PolicyArn, VersionId: 'v5' })).toBe(
    `NoSuchEntity: Policy ${PolicyArn} version v5 does not exist or is not attachable.`,
  )
  const { Versions } = await call('ListPolicyVersions', { PolicyArn })
  const { member } = Object(Versions)
  expect(member.map(({ VersionId }: { VersionId: string }) => VersionId)).toEqual(['v6', 'v4', 'v3', 'v2', 'v1'])
})

test('a policy that is in use, or has versions, is not deleted', async () => {
  const { call, refusal } = await openIam()
  await call('CreatePolicy', { PolicyName: 'own', PolicyDocument: allow('kms:*') })
  await call('CreateUser', { UserName: 'anna', PermissionsBoundary: PolicyArn })
  expect(await call('GetPolicy', { PolicyArn })).toMatchObject({
    Policy: { AttachmentCount: '0', PermissionsBoundaryUsageCount: '1', Tags: '' },
  })
  const inUse = 'DeleteConflict: Cannot delete a policy attached to entities.'
  expect(await refusal('DeletePolicy', { PolicyArn })).toBe(inUse)
  await call('DeleteUserPermissionsBoundary', { UserName: 'anna' })
  await call('CreateGroup', { GroupName: 'team' })
  await call('AttachGroupPolicy', { GroupName: 'team', PolicyArn })
  expect(await refusal('DeletePolicy', { PolicyArn })).toBe(inUse)
  const { PolicyGroups } = await call('ListEntitiesForPolicy', { PolicyArn })
  expect(PolicyGroups).toMatchObject({ member: { GroupName: 'team' } })
  await call('DetachGroupPolicy', { GroupName: 'team', PolicyArn })
  await call('CreatePolicyVersion', { PolicyArn, PolicyDocument: allow('s3:*') })
  expect(await refusal('DeletePolicy', { PolicyArn })).toContain('This policy has more than one version.')
  await call('DeletePolicyVersion', { PolicyArn, VersionId: 'v2' })
  expect(await refusal('DeletePolicy', { PolicyArn })).toBe('no refusal')
  expect(await refusal('GetPolicy', { PolicyArn })).toBe(`NoSuchEntity: Policy ${PolicyArn} was not found.`)
})

test('what is not there cannot be attached, and what is attached once stays once', async () => {
  const { call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'anna' })
  const attach = (arn: string) => refusal('AttachUserPolicy', { UserName: 'anna', PolicyArn: arn })
  expect(await attach(PolicyArn)).toBe(`NoSuchEntity: Policy ${PolicyArn} does not exist or is not attachable.`)
  expect(await attach('no-arn-of-twenty-characters')).toBe(
    'ValidationError: ARN no-arn-of-twenty-characters is not valid.',
  )
  const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess'
  expect(await attach(administrator)).toBe('no refusal')
  expect(await attach(administrator)).toBe('no refusal')
  expect((await call('ListAttachedUserPolicies', { UserName: 'anna' })).AttachedPolicies).toEqual({
    member: { PolicyName: 'AdministratorAccess', PolicyArn: administrator },
  })
  const boundary = (arn: string) =>
    refusal('PutUserPermissionsBoundary', { UserName: 'anna', PermissionsBoundary: arn })
  expect(await boundary(PolicyArn)).toBe(`NoSuchEntity: Scope ARN: ${PolicyArn} does not exist or is not attachable.`)
  const other = `arn:aws:iam::${accountId}:not_a_policy/x`
  expect(await boundary(other)).toBe(`InvalidInput: ARN ${other} is not valid.`)
})

test('inline policies of a user have 2048 characters together, white space left out', async () => {
  const { call, refusal } = await openIam()
  await call('CreateUser', { UserName: 'anna' })
  const put = (PolicyName: string, PolicyDocument: string) =>
    refusal('PutUserPolicy', { UserName: 'anna', PolicyName, PolicyDocument })
  expect(await put('first', `${allow('s3:*', `arn:aws:s3:::${'b'.repeat(1000)}`)}${' '.repeat(5000)}`)).toBe(
    'no refusal',
  )
  expect(await put('second', allow('s3:*', `arn:aws:s3:::${'b'.repeat(1000)}`))).toBe(
    'LimitExceeded: Maximum policy size of 2048 bytes exceeded for user anna',
  )
  expect(await put('first', allow('s3:*'))).toBe('no refusal')
  expect(await refusal('GetUserPolicy', { UserName: 'anna', PolicyName: 'second' })).toBe(
    'NoSuchEntity: The user policy with name second cannot be found.',
  )
  const { PolicyDocument } = await call('GetUserPolicy', { UserName: 'anna', PolicyName: 'first' })
  expect(PolicyDocument).toMatch(/^%7B%22Version%22%3A%222012-10-17%22%2C/)
})

test('tags of policies tell the case of their keys apart', async () => {
  const { call } = await openIam()
  const tags = {
    'Tags.member.1.Key': 'a',
    'Tags.member.1.Value': '1',
    'Tags.member.2.Key': 'A',
    'Tags.member.2.Value': '2',
  }
  await call('CreatePolicy', { PolicyName: 'own', PolicyDocument: allow('kms:*'), ...tags })
  const { Tags } = await call('ListPolicyTags', { PolicyArn })
  expect(Object(Tags).member.map(({ Key }: { Key: string }) => Key)).toEqual(['A', 'a'])
})
