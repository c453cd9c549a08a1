import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  paginateListUsers,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

/* Principals made by AWS's own API, through AWS's SDK: what they may do follows what IAM was told, at once. */

let journey: Journey
let iam: IAMClient
let key: string

beforeAll(async () => {
  journey = await startJourney({ auth: 'strict' })
  iam = new IAMClient(journey.configuration)
  key = await journey.createKey()
})
afterAll(() => journey.stop())

const policyOf = (Effect: string, Action: string | string[], Resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] })

/** A new user and its access key: IAM's client and KMS's for it. */
async function makeUser(UserName: string) {
  const { User } = await iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'a' }] }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const id = AccessKey?.AccessKeyId ?? ''
  const secret = AccessKey?.SecretAccessKey ?? ''
  const clients = journey.as(id, secret)
  const credentials = { accessKeyId: id, secretAccessKey: secret }
  const own = new IAMClient({ ...journey.configuration, credentials })
  const encrypt = () => clients.kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('text') }))
  return { arn: User?.Arn ?? '', userId: User?.UserId ?? '', id, clients, iam: own, encrypt }
}

test('a user has no rights until it gets some, and KMS knows of every change at once', async () => {
  const user = await makeUser('anna')
  const identity = await user.clients.sts.send(new GetCallerIdentityCommand({}))
  expect(identity).toMatchObject({ Arn: user.arn, UserId: user.userId })
  const words = (why: string) =>
    `User: ${user.arn} is not authorized to perform: kms:Encrypt on resource: ${key} because no ${why} allows the kms:Encrypt action`
  expect((await failureOf(user.encrypt())).message).toBe(words('identity-based policy'))

  const own = { UserName: 'anna', PolicyName: 'encrypt' }
  await iam.send(new PutUserPolicyCommand({ ...own, PolicyDocument: policyOf('Allow', 'kms:Encrypt') }))
  expect((await user.encrypt()).KeyId).toBe(key)
  await iam.send(new DeleteUserPolicyCommand(own))
  expect((await failureOf(user.encrypt())).message).toBe(words('identity-based policy'))

  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'all-of-kms', PolicyDocument: policyOf('Allow', 'kms:*') }),
  )
  const attached = { UserName: 'anna', PolicyArn: Policy?.Arn ?? '' }
  await iam.send(new AttachUserPolicyCommand(attached))
  expect((await user.encrypt()).KeyId).toBe(key)

  const { Policy: limit } = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'only-s3', PolicyDocument: policyOf('Allow', 's3:*') }),
  )
  const boundary = { UserName: 'anna', PermissionsBoundary: limit?.Arn ?? '' }
  await iam.send(new PutUserPermissionsBoundaryCommand(boundary))
  expect((await failureOf(user.encrypt())).message).toBe(words('permissions boundary'))
  await iam.send(new DetachUserPolicyCommand(attached))
})

test('an access key signs as long as it is active, and never again once it is deleted', async () => {
  const user = await makeUser('bert')
  const { AccessKeyLastUsed } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: user.id }))
  expect(AccessKeyLastUsed).toMatchObject({ ServiceName: 'N/A', Region: 'N/A' })
  await failureOf(user.encrypt())
  const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: user.id }))
  expect(used.AccessKeyLastUsed).toMatchObject({ ServiceName: 'kms', Region: 'us-east-1' })

  const keyOf = { UserName: 'bert', AccessKeyId: user.id }
  await iam.send(new UpdateAccessKeyCommand({ ...keyOf, Status: 'Inactive' }))
  expect((await failureOf(user.encrypt())).code).toBe('UnrecognizedClientException')
  expect((await failureOf(user.iam.send(new GetUserCommand({})))).code).toBe('InvalidClientTokenId')
  await iam.send(new UpdateAccessKeyCommand({ ...keyOf, Status: 'Active' }))
  expect((await failureOf(user.encrypt())).code).toBe('AccessDeniedException')
  expect((await failureOf(iam.send(new DeleteUserCommand({ UserName: 'bert' })))).message).toBe(
    'Cannot delete entity, must delete access keys first.',
  )
  await iam.send(new DeleteAccessKeyCommand(keyOf))
  await iam.send(new DeleteUserCommand({ UserName: 'bert' }))
  expect((await failureOf(user.encrypt())).code).toBe('UnrecognizedClientException')
  expect(await failureOf(iam.send(new GetUserCommand({ UserName: 'bert' })))).toMatchObject({
    code: 'NoSuchEntity',
    message: 'The user with name bert cannot be found.',
    status: 404,
  })
})

test('who may call IAM is decided by the caller’s own policies', async () => {
  const user = await makeUser('carl')
  const who = `User: ${user.arn} is not authorized to perform: iam:GetUser on resource: ${user.arn}`
  expect((await failureOf(user.iam.send(new GetUserCommand({})))).message).toBe(
    `${who} because no identity-based policy allows the iam:GetUser action`,
  )
  const PolicyDocument = policyOf('Allow', 'iam:GetUser', `arn:aws:iam::*:user/\${aws:username}`)
  await iam.send(new PutUserPolicyCommand({ UserName: 'carl', PolicyName: 'self', PolicyDocument }))
  const { User } = await user.iam.send(new GetUserCommand({}))
  expect(User).toMatchObject({ UserName: 'carl', Path: '/', Tags: [{ Key: 'team', Value: 'a' }] })
  const others = user.iam.send(new GetUserCommand({ UserName: 'anna' }))
  expect((await failureOf(others)).code).toBe('AccessDenied')
  const kept = await iam.send(new GetUserPolicyCommand({ UserName: 'carl', PolicyName: 'self' }))
  expect(decodeURIComponent(kept.PolicyDocument ?? '')).toBe(PolicyDocument)
})

test('a role made by IAM is assumed by whom it trusts, with the role’s policies', async () => {
  const user = await makeUser('dora')
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: user.arn }, Action: 'sts:AssumeRole' },
  }
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'encrypter', Path: '/app/', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  )
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'encrypter', PolicyName: 'p', PolicyDocument: policyOf('Allow', 'kms:*') }),
  )
  const { Credentials, AssumedRoleUser } = await user.clients.sts.send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me' }),
  )
  expect(AssumedRoleUser?.AssumedRoleId).toBe(`${Role?.RoleId}:me`)
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  }
  const kms = new KMSClient({ ...journey.configuration, credentials })
  const encrypt = () => kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('text') }))
  expect((await encrypt()).KeyId).toBe(key)
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'encrypter', PolicyName: 'p' }))
  await iam.send(new DeleteRoleCommand({ RoleName: 'encrypter' }))
  expect((await failureOf(encrypt())).code).toBe('UnrecognizedClientException')
})

test('a user who is deleted and made anew is another one to whom trusted it', async () => {
  const first = await makeUser('fred')
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: first.arn }, Action: 'sts:AssumeRole' },
  }
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'of-fred', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  )
  const assume = new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'me' })
  expect((await first.clients.sts.send(assume)).AssumedRoleUser).toBeDefined()
  await iam.send(new DeleteAccessKeyCommand({ UserName: 'fred', AccessKeyId: first.id }))
  await iam.send(new DeleteUserCommand({ UserName: 'fred' }))
  const second = await makeUser('fred')
  expect(second.arn).toBe(first.arn)
  expect((await failureOf(second.clients.sts.send(assume))).message).toBe(
    `User: ${first.arn} is not authorized to perform: sts:AssumeRole on resource: ${Role?.Arn}`,
  )
})

test('lists come by pages, sorted by name', async () => {
  for (let index = 0; index < 5; index++) await iam.send(new CreateUserCommand({ UserName: `p${index}`, Path: '/p/' }))
  const names: string[] = []
  for await (const { Users } of paginateListUsers({ client: iam, pageSize: 2 }, { PathPrefix: '/p/' })) {
    names.push(...(Users ?? []).map(({ UserName = '' }) => UserName))
  }
  expect(names).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
  const first = await iam.send(new ListUsersCommand({ PathPrefix: '/p/', MaxItems: 2 }))
  expect(first.IsTruncated).toBe(true)
  expect(first.Users?.[0]).toEqual(expect.objectContaining({ UserName: 'p0', Path: '/p/' }))
})

test('every call is in the trail, and no secret with it', async () => {
  const user = await makeUser('emma')
  const [created, keyed] = (await journey.records({}))
    .filter(({ eventSource }) => eventSource === 'iam.amazonaws.com')
    .slice(-2)
  expect(created).toMatchObject({
    eventName: 'CreateUser',
    readOnly: false,
    awsRegion: 'us-east-1',
    requestParameters: { userName: 'emma', tags: [{ key: 'team', value: 'a' }] },
    responseElements: { user: { userName: 'emma', userId: user.userId, arn: user.arn, path: '/' } },
  })
  expect(keyed).toMatchObject({
    eventName: 'CreateAccessKey',
    requestParameters: { userName: 'emma' },
    responseElements: { accessKey: { userName: 'emma', accessKeyId: user.id, status: 'Active' } },
  })
  expect(JSON.stringify(keyed)).not.toMatch(/secret/i)
})

test('the simulator weighs as requests are weighed, and says which statement decided', async () => {
  const user = await makeUser('sim')
  const PolicyDocument = policyOf('Allow', 'kms:Encrypt', key)
  await iam.send(new PutUserPolicyCommand({ UserName: 'sim', PolicyName: 'own', PolicyDocument }))
  const { EvaluationResults, IsTruncated } = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: user.arn,
      ActionNames: ['kms:Encrypt', 'kms:Decrypt'],
      ResourceArns: [key],
    }),
  )
  expect(IsTruncated).toBe(false)
  expect(EvaluationResults).toMatchObject([
    {
      EvalActionName: 'kms:Encrypt',
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'user_sim_own', SourcePolicyType: 'IAM Policy' }],
      ResourceSpecificResults: [{ EvalResourceName: key, EvalResourceDecision: 'allowed' }],
    },
    { EvalActionName: 'kms:Decrypt', EvalDecision: 'implicitDeny', MatchedStatements: [] },
  ])
  expect((await user.encrypt()).KeyId).toBe(key)
})

test('a custom policy is simulated with the context that is given, and what it misses is named', async () => {
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    },
  })
  const asked = { PolicyInputList: [document], ActionNames: ['s3:GetObject'] }
  const missing = await iam.send(new SimulateCustomPolicyCommand(asked))
  expect(missing.EvaluationResults?.[0]).toMatchObject({
    EvalResourceName: '*',
    EvalDecision: 'implicitDeny',
    MissingContextValues: ['aws:SecureTransport'],
  })
  const ContextEntries = [
    { ContextKeyName: 'aws:SecureTransport', ContextKeyValues: ['true'], ContextKeyType: 'boolean' as const },
  ]
  const given = await iam.send(new SimulateCustomPolicyCommand({ ...asked, ContextEntries }))
  expect(given.EvaluationResults?.[0]).toMatchObject({ EvalDecision: 'allowed', MissingContextValues: [] })
  const limited = await iam.send(
    new SimulateCustomPolicyCommand({
      ...asked,
      ContextEntries,
      PermissionsBoundaryPolicyInputList: [policyOf('Allow', 'kms:*')],
    }),
  )
  expect(limited.EvaluationResults?.[0]).toMatchObject({
    EvalDecision: 'implicitDeny',
    PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
  })
  const bad = iam.send(new SimulateCustomPolicyCommand({ ...asked, PolicyInputList: ['{'] }))
  expect((await failureOf(bad)).code).toBe('InvalidInput')
})

test('what IAM has on AWS and not here is refused by its name', async () => {
  expect(
    await failureOf(iam.send(new CreateLoginProfileCommand({ UserName: 'anna', Password: 'secret-1' }))),
  ).toMatchObject({
    code: 'InvalidAction',
    message: 'The operation CreateLoginProfile of IAM is not here.',
    status: 400,
  })
})
