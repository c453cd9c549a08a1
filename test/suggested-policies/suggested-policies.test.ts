import { CreateTrailCommand, DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail'
import {
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  ListUsersCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam'
import { ListAliasesCommand, ListKeysCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import {
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { PolicyStatement } from '../../src/lab/policy/statements.ts'
import { failureOf } from '../emulator.ts'
import { deeds } from './deeds.ts'
import { neighbours } from './neighbours.ts'
import { type Actor, account, Bucket, documentOf, everything, makeWorld, other, root, type World } from './world.ts'

/*
 * A principal does all kinds of things with rights to everything; what is suggested takes the place of those rights: it can do them
 * again, and nothing beside them.
 */

let world: World

beforeAll(async () => {
  world = await makeWorld()
})

afterAll(() => world.stop())

function refusalOf(permission: string): RegExp {
  return new RegExp(`^User: arn:aws:(iam|sts)::${account}:\\S+ is not authorized to perform: ${permission}( |$)`)
}

async function doAll(actor: Actor, list = deeds): Promise<string[]> {
  const failed: string[] = []
  for (const [name, deed] of Object.entries(list)) {
    await deed(actor).catch((error: Error) => failed.push(`${name}: ${error.message}`))
  }
  return failed
}

async function expectNeighboursRefused(actor: Actor): Promise<void> {
  const answers: string[] = []
  for (const [name, permission, call] of neighbours) {
    const { message } = await failureOf(call(actor)).catch((error: Error) => ({ message: error.message }))
    if (!refusalOf(permission).test(message)) answers.push(`${name}: ${message}`)
  }
  expect(answers).toEqual([])
}

test('A user does it all again by the identity policy that is suggested, and nothing beside it', async () => {
  const actor = await world.makeUser('app')
  await world.allowUser('app', [everything])
  expect(await doAll(actor)).toEqual([])
  const { identityPolicy, notes } = await world.journey.emulator.policy.suggest('app')
  expect(notes).toEqual([
    expect.stringMatching(
      /^Policies of keys and buckets cannot allow kms:CreateAlias, kms:CreateKey, .*s3:CreateBucket/,
    ),
    expect.stringMatching(/^The identity policy has \d{4} characters/),
  ])
  await world.allowUser('app', identityPolicy.Statement)
  expect(await doAll(actor)).toEqual([])
  await expectNeighboursRefused(actor)
})

test('A role does it all again by what is suggested for keys and buckets, and by what those cannot say', async () => {
  const { journey } = world
  const actor = await world.takeRole('worker')
  await world.allowRole('worker', [everything])
  expect(await doAll(actor)).toEqual([])
  const { principal, ...suggestion } = await journey.emulator.policy.suggest('worker')
  expect(principal).toBe(`arn:aws:iam::${account}:role/worker`)
  const administrators = { ...everything, Principal: { AWS: root }, Action: 'kms:*' }
  const keys: string[] = Object.values(world.keys)
  for (const { keyArn, statements } of suggestion.keyPolicies.filter((policy) => keys.includes(policy.keyArn))) {
    const Policy = documentOf([administrators, ...statements])
    await journey.kms.send(new PutKeyPolicyCommand({ KeyId: keyArn, Policy }))
  }
  const [statements] = suggestion.bucketPolicies.flatMap((policy) =>
    policy.bucket === Bucket ? [policy.statements] : [],
  )
  await journey.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: documentOf(statements ?? []) }))
  await world.allowRole(
    'worker',
    suggestion.identityPolicy.Statement.filter((statement) => !isAboutWorld(statement)),
  )
  expect(await doAll(actor)).toEqual([])
  await expectNeighboursRefused(actor)
  await journey.s3.send(new DeleteBucketPolicyCommand({ Bucket }))
})

/** Whether keys and buckets say it, of which there were some before. */
function isAboutWorld({ Resource }: PolicyStatement): boolean {
  const keys: string[] = Object.values(world.keys)
  return [Resource].flat().every((arn) => keys.includes(arn) || new RegExp(`^arn:aws:s3:::${Bucket}(/|$)`).test(arn))
}

test('Another principal has nothing of it', async () => {
  const actor = await world.makeUser('stranger')
  await world.allowUser('stranger', [{ ...everything, Action: 'sts:GetCallerIdentity' }])
  const failed = await doAll(actor)
  expect(failed.map((line) => line.slice(0, line.indexOf(':')))).toEqual(Object.keys(deeds))
})

test('Calls of IAM, STS and CloudTrail have their statements, on what they were about', async () => {
  const actor = await world.makeUser('operator')
  await world.allowUser('operator', [everything])
  const role = (name: string) => ({ RoleArn: `arn:aws:iam::${account}:role/${name}`, RoleSessionName: 'once' })
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
  }
  for (const RoleName of ['first', 'second'])
    await world.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: documentOf([trust]) }))
  await world.journey.s3.send(
    new PutBucketPolicyCommand({
      Bucket: other,
      Policy: documentOf([
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Action: ['s3:GetBucketAcl', 's3:PutObject'],
          Resource: [`arn:aws:s3:::${other}`, `arn:aws:s3:::${other}/*`],
        },
      ]),
    }),
  )
  await world.journey.cloudTrail.send(new CreateTrailCommand({ Name: 'story', S3BucketName: other }))
  await world.journey.createBucket('story-copies')
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await world.journey.s3.send(new PutBucketVersioningCommand({ Bucket: 'story-copies', VersioningConfiguration }))
  const list: typeof deeds = {
    async 'manages users'({ iam }) {
      await iam.send(new GetUserCommand({ UserName: 'app' }))
      await iam.send(new TagUserCommand({ UserName: 'app', Tags: [{ Key: 'a', Value: 'b' }] }))
      await iam.send(new ListUsersCommand({}))
    },
    async 'gives S3 a role'({ s3 }) {
      const ReplicationConfiguration = {
        Role: role('first').RoleArn,
        Rules: [{ Status: 'Enabled' as const, Prefix: '', Destination: { Bucket: 'arn:aws:s3:::story-copies' } }],
      }
      await s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration }))
    },
    async 'takes a role'({ sts }) {
      await sts.send(new GetCallerIdentityCommand({}))
      await sts.send(new AssumeRoleCommand({ ...role('first'), Tags: [{ Key: 'a', Value: 'b' }] }))
    },
    async 'looks at trails'({ cloudTrail }) {
      await cloudTrail.send(new DescribeTrailsCommand({}))
      await cloudTrail.send(new GetTrailStatusCommand({ Name: 'story' }))
    },
  }
  expect(await doAll(actor, list)).toEqual([])
  const { identityPolicy } = await world.journey.emulator.policy.suggest('operator')
  const given = identityPolicy.Statement.map(({ Action, Resource }) => [Action.join(), [Resource].flat().join()])
  expect(new Set(given)).toEqual(
    new Set([
      ['cloudtrail:DescribeTrails', '*'],
      ['cloudtrail:GetTrailStatus', `arn:aws:cloudtrail:us-east-1:${account}:trail/story`],
      ['iam:GetUser,iam:TagUser', `arn:aws:iam::${account}:user/app`],
      ['iam:PassRole,sts:AssumeRole,sts:TagSession', `arn:aws:iam::${account}:role/first`],
      ['s3:PutReplicationConfiguration', `arn:aws:s3:::${Bucket}`],
      ['iam:ListUsers', `arn:aws:iam::${account}:user/`],
    ]),
  )
  await world.allowUser('operator', identityPolicy.Statement)
  expect(await doAll(actor, list)).toEqual([])
  const refused: [string, () => Promise<unknown>][] = [
    ['iam:GetUser', () => actor.iam.send(new GetUserCommand({ UserName: 'operator' }))],
    ['iam:CreateUser', () => actor.iam.send(new CreateUserCommand({ UserName: 'more' }))],
    ['sts:AssumeRole', () => actor.sts.send(new AssumeRoleCommand(role('second')))],
    [
      'cloudtrail:CreateTrail',
      () => actor.cloudTrail.send(new CreateTrailCommand({ Name: 'more', S3BucketName: other })),
    ],
  ]
  for (const [permission, call] of refused) expect((await failureOf(call())).message).toMatch(refusalOf(permission))
})

test('Which keys DeleteObjects deleted nobody recorded, so it is allowed on all of the bucket, and said', async () => {
  const actor = await world.makeUser('cleaner')
  await world.allowUser('cleaner', [everything])
  const clean = () => actor.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'out/gone' }] } }))
  await clean()
  const { identityPolicy, notes } = await world.journey.emulator.policy.suggest('cleaner')
  expect(identityPolicy.Statement).toEqual([
    { Effect: 'Allow', Action: ['s3:DeleteObject'], Resource: [`arn:aws:s3:::${Bucket}/*`] },
  ])
  expect(notes).toEqual([expect.stringMatching(/^Which keys DeleteObjects deleted is not recorded/)])
  await world.allowUser('cleaner', identityPolicy.Statement)
  expect((await clean()).Errors).toBeUndefined()
})

test('Only calls since a time count', async () => {
  const { journey } = world
  // A key that nobody knows is an administrator's, and the clients of a journey sign by its clock.
  const { kms } = journey.as('late')
  await kms.send(new ListKeysCommand({}))
  journey.turn(3_600_000)
  const since = journey.ambient.now()
  await kms.send(new ListAliasesCommand({}))
  const { identityPolicy } = await journey.emulator.policy.suggest('late', { since })
  expect(identityPolicy.Statement.map(({ Action }) => Action)).toEqual([['kms:ListAliases']])
})
