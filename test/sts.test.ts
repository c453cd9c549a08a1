import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  AssumeRoleCommand,
  type Credentials,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'

/* Temporary credentials of every kind, through AWS's SDK. */

let journey: Journey
let iam: IAMClient
let key: string
let user: { arn: string; sts: STSClient }

const policyOf = (...Action: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })

beforeAll(async () => {
  journey = await startJourney({ auth: 'strict' })
  iam = new IAMClient(journey.configuration)
  key = await journey.createKey()
  const { User } = await iam.send(new CreateUserCommand({ UserName: 'anna' }))
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'anna',
      PolicyName: 'own',
      PolicyDocument: policyOf('kms:*', 'sts:*', 'iam:GetUser'),
    }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'anna' }))
  const { sts } = journey.as(AccessKey?.AccessKeyId ?? '', AccessKey?.SecretAccessKey)
  user = { arn: User?.Arn ?? '', sts }
})
afterAll(() => journey.stop())

/** Clients for temporary credentials. */
function holderOf(given: Credentials | undefined) {
  const credentials = {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  }
  const configuration = { ...journey.configuration, credentials }
  const kms = new KMSClient(configuration)
  const encrypt = (EncryptionContext?: Record<string, string>) =>
    kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('text'), EncryptionContext }))
  return { sts: new STSClient(configuration), iam: new IAMClient(configuration), encrypt }
}

test('GetSessionToken gives credentials of the user itself, which get no others and may not call IAM', async () => {
  const { Credentials } = await user.sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }))
  const holder = holderOf(Credentials)
  expect((await holder.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(user.arn)
  expect((await holder.encrypt()).KeyId).toBe(key)
  expect(await failureOf(holder.sts.send(new GetSessionTokenCommand({})))).toMatchObject({
    code: 'AccessDenied',
    message: 'Cannot call GetSessionToken with session credentials',
  })
  expect((await failureOf(holder.iam.send(new GetUserCommand({})))).code).toBe('InvalidClientTokenId')
})

test('a federated user may do what user and session policy both allow, and without a policy nothing', async () => {
  const bare = await user.sts.send(new GetFederationTokenCommand({ Name: 'guest' }))
  expect(bare).toMatchObject({
    FederatedUser: { Arn: `arn:aws:sts::${accountId}:federated-user/guest`, FederatedUserId: `${accountId}:guest` },
    PackedPolicySize: 0,
  })
  expect((await failureOf(holderOf(bare.Credentials).encrypt())).message).toContain('because no session policy allows')
  const given = await user.sts.send(new GetFederationTokenCommand({ Name: 'guest', Policy: policyOf('kms:Encrypt') }))
  expect((await holderOf(given.Credentials).encrypt()).KeyId).toBe(key)
  const [event] = (await journey.records()).filter(({ eventName }) => eventName === 'Encrypt').slice(-1)
  expect(event?.userIdentity).toMatchObject({
    type: 'FederatedUser',
    arn: `arn:aws:sts::${accountId}:federated-user/guest`,
    sessionContext: { sessionIssuer: { type: 'IAMUser', arn: user.arn, userName: 'anna' } },
  })
})

test('AssumeRole with tags needs sts:TagSession, and the tags are known to policies', async () => {
  const trust = (Action: string[]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action }],
    })
  const RoleName = 'tenant'
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(['sts:AssumeRole']) }),
  )
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 'kms:Encrypt',
      Resource: '*',
      Condition: { StringEquals: { 'kms:EncryptionContext:tenant': `\${aws:PrincipalTag/tenant}` } },
    },
  })
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }))
  const asked = { RoleArn: Role?.Arn, RoleSessionName: 'me', Tags: [{ Key: 'tenant', Value: 'a' }] }
  expect((await failureOf(user.sts.send(new AssumeRoleCommand(asked)))).message).toBe(
    `User: ${user.arn} is not authorized to perform: sts:TagSession on resource: ${Role?.Arn}`,
  )
  await iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust(['sts:AssumeRole', 'sts:TagSession']) }),
  )
  const { Credentials } = await user.sts.send(new AssumeRoleCommand({ ...asked, TransitiveTagKeys: ['tenant'] }))
  const holder = holderOf(Credentials)
  expect((await holder.encrypt({ tenant: 'a' })).KeyId).toBe(key)
  expect((await failureOf(holder.encrypt({ tenant: 'b' }))).code).toBe('AccessDeniedException')
  const twice = [...asked.Tags, { Key: 'Tenant', Value: 'b' }]
  expect(await failureOf(user.sts.send(new AssumeRoleCommand({ ...asked, Tags: twice })))).toMatchObject({
    code: 'InvalidParameterValue',
    message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  })
})

test('managed session policies narrow as the inline one does', async () => {
  const asked = { RoleArn: `arn:aws:iam::${accountId}:role/tenant`, RoleSessionName: 'me' }
  const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }]
  const { Credentials } = await user.sts.send(new AssumeRoleCommand({ ...asked, PolicyArns }))
  expect((await failureOf(holderOf(Credentials).encrypt({ tenant: '' }))).code).toBe('AccessDeniedException')
})

test('whose an access key is tells the key, and no message was ever encoded', async () => {
  const { Credentials } = await user.sts.send(new GetSessionTokenCommand({}))
  const AccessKeyId = Credentials?.AccessKeyId ?? ''
  expect((await user.sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account).toBe(accountId)
  const decoded = user.sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'x' }))
  expect((await failureOf(decoded)).code).toBe('InvalidAuthorizationMessageException')
})

test('credentials that are given out are in the trail, without their secrets', async () => {
  await user.sts.send(new GetSessionTokenCommand({}))
  const [event] = (await journey.records()).filter(({ eventSource }) => eventSource === 'sts.amazonaws.com').slice(-1)
  expect(event).toMatchObject({ eventName: 'GetSessionToken', readOnly: true })
  expect(event?.responseElements).toEqual({
    credentials: { accessKeyId: expect.stringMatching(/^ASIA/), expiration: expect.any(String) },
  })
})
