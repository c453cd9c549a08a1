import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DetachUserPolicyCommand,
  IAMClient,
  ListAttachedUserPoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { CreateAliasCommand, CreateKeyCommand, type CreateKeyCommandInput, KMSClient } from '@aws-sdk/client-kms'
import { PutBucketEncryptionCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { type Configuration, type Journey, startJourney } from '../emulator.ts'

/*
 * Where the calls of these journeys are made: two buckets, five keys, and clients of users and roles with rights of their own.
 */

export const account = '000000000000'
export const [Bucket, other] = ['story', 'other']
export const everything = { Effect: 'Allow', Action: '*', Resource: '*' }
export const root = `arn:aws:iam::${account}:root`

/** ARNs of keys: two for data, one of each other kind. */
export interface Keys {
  own: string
  second: string
  mac: string
  signing: string
  multiRegion: string
}

export interface Clients {
  s3: S3Client
  kms: KMSClient
  sts: STSClient
  iam: IAMClient
  cloudTrail: CloudTrailClient
}

/** A principal, and the keys that it calls about. */
export interface Actor extends Clients {
  keys: Keys
}

export interface World {
  journey: Journey
  /** Of the administrator. */
  iam: IAMClient
  keys: Keys
  as(credentials: Configuration['credentials']): Actor
  /** Makes a user. */
  makeUser(UserName: string): Promise<Actor>
  /** Makes a role, which all of the account may take, and takes it. */
  takeRole(RoleName: string): Promise<Actor>
  /** The only rights of a user, as managed policies. */
  allowUser(UserName: string, statements: readonly object[]): Promise<void>
  /** The only rights of a role. */
  allowRole(RoleName: string, statements: readonly object[]): Promise<void>
  stop(): Promise<void>
}

export const documentOf = (Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })

export async function makeWorld(): Promise<World> {
  const journey = await startJourney({ trailDataEvents: true, asymmetricKeys: true })
  const iam = new IAMClient(journey.configuration)
  const keys = await makeKeys(journey)
  await makeBuckets(journey)
  const as = (credentials: Configuration['credentials']) => ({ ...clientsFor(journey, credentials), keys })
  return {
    journey,
    iam,
    keys,
    as,
    async makeUser(UserName) {
      await iam.send(new CreateUserCommand({ UserName }))
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
      return as({ accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' })
    },
    async takeRole(RoleName) {
      const trust = { Effect: 'Allow', Principal: { AWS: root }, Action: 'sts:AssumeRole' }
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: documentOf([trust]) }))
      const RoleArn = `arn:aws:iam::${account}:role/${RoleName}`
      const { Credentials } = await journey.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'night' }))
      return as({
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      })
    },
    async allowUser(UserName, statements) {
      const { AttachedPolicies = [] } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName }))
      for (const { PolicyArn } of AttachedPolicies) await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }))
      for (const [index, PolicyDocument] of documentsOf(statements).entries()) {
        const PolicyName = `${UserName}-${AttachedPolicies.length}-${index}`
        const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))
        await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }))
      }
    },
    async allowRole(RoleName, statements) {
      const PolicyDocument = documentOf(statements)
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }))
    },
    async stop() {
      iam.destroy()
      await journey.stop()
    },
  }
}

/** As many documents as it takes: a managed policy has at most 6144 characters. */
function documentsOf(statements: readonly object[]): string[] {
  const heaps: object[][] = [[]]
  for (const statement of statements) {
    const heap = heaps.at(-1) ?? []
    if (documentOf([...heap, statement]).length > 6144) heaps.push([statement])
    else heap.push(statement)
  }
  return heaps.map(documentOf)
}

async function makeKeys({ kms }: Journey): Promise<Keys> {
  const make = async (input: CreateKeyCommandInput) =>
    (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? ''
  const own = await make({})
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/story', TargetKeyId: own }))
  return {
    own,
    second: await make({}),
    mac: await make({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    signing: await make({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    multiRegion: await make({ MultiRegion: true }),
  }
}

async function makeBuckets(journey: Journey): Promise<void> {
  for (const name of [Bucket, other]) await journey.createBucket(name)
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
  await journey.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }))
  for (const Key of ['in/a', 'private/a']) await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
}

function clientsFor(journey: Journey, credentials: Configuration['credentials']): Clients {
  const configuration = { ...journey.configuration, credentials }
  return {
    s3: new S3Client(configuration),
    kms: new KMSClient(configuration),
    sts: new STSClient(configuration),
    iam: new IAMClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  }
}
