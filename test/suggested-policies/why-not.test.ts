import { EncryptCommand, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Question } from '../../src/lab/policy/question.ts'
import { context, Plaintext } from './deeds.ts'
import { type Actor, Bucket, makeWorld, type World } from './world.ts'

/* What `policy why-not` says of a call, and what the call is answered. */

let world: World

beforeAll(async () => {
  world = await makeWorld()
})

afterAll(() => world.stop())

const questions: [
  question: Pick<Question, 'action' | 'resource' | 'encryptionContext' | 'via'>,
  call: (actor: Actor) => Promise<unknown>,
][] = [
  [
    { action: 'kms:Encrypt', resource: 'alias/story', encryptionContext: context },
    ({ kms }) => kms.send(new EncryptCommand({ KeyId: 'alias/story', Plaintext, EncryptionContext: context })),
  ],
  [
    { action: 'kms:Encrypt', resource: 'alias/story', encryptionContext: { tenant: 'b' } },
    ({ kms }) => kms.send(new EncryptCommand({ KeyId: 'alias/story', Plaintext, EncryptionContext: { tenant: 'b' } })),
  ],
  [
    { action: 'kms:Encrypt', resource: 'alias/story' },
    ({ kms }) => kms.send(new EncryptCommand({ KeyId: 'alias/story', Plaintext })),
  ],
  [{ action: 'kms:ListKeys', resource: '*' }, ({ kms }) => kms.send(new ListKeysCommand({}))],
  [{ action: 'kms:ListAliases', resource: '*' }, ({ kms }) => kms.send(new ListAliasesCommand({}))],
  [
    { action: 's3:GetObject', resource: `arn:aws:s3:::${Bucket}/in/a` },
    ({ s3 }) => s3.send(new GetObjectCommand({ Bucket, Key: 'in/a' })),
  ],
  [
    { action: 's3:GetObject', resource: `arn:aws:s3:::${Bucket}/private/a` },
    ({ s3 }) => s3.send(new GetObjectCommand({ Bucket, Key: 'private/a' })),
  ],
  [
    { action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}` },
    ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket })),
  ],
  [
    { action: 's3:GetBucketVersioning', resource: `arn:aws:s3:::${Bucket}` },
    ({ s3 }) => s3.send(new GetBucketVersioningCommand({ Bucket })),
  ],
  [{ action: 's3:ListAllMyBuckets', resource: '*' }, ({ s3 }) => s3.send(new ListBucketsCommand({}))],
  [
    { action: 's3:CreateBucket', resource: 'arn:aws:s3:::story-newer' },
    ({ s3 }) => s3.send(new CreateBucketCommand({ Bucket: 'story-newer' })),
  ],
]

const narrow = [
  {
    Effect: 'Allow',
    Action: ['kms:Encrypt', 'kms:ListAliases'],
    Resource: '*',
    Condition: { StringEqualsIfExists: { 'kms:EncryptionContext:tenant': 'a' } },
  },
  {
    Effect: 'Deny',
    Action: 'kms:Encrypt',
    Resource: '*',
    Condition: { Null: { 'kms:EncryptionContextKeys': 'true' } },
  },
  { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetBucketVersioning'], Resource: `arn:aws:s3:::${Bucket}*` },
  { Effect: 'Deny', Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/private/*` },
]

test('Of each service why-not gives the answer that the call is given, with the same reason and the statement that decides', async () => {
  const actor = await world.makeUser('asker')
  await world.allowUser('asker', narrow)
  const allowed: string[] = []
  for (const [question, call] of questions) {
    const answer = await world.journey.emulator.policy.whyNot({ principal: 'asker', ...question })
    const said = answer.allowed ? 'done' : answer.because
    const done = await call(actor).then(
      () => 'done',
      (error: Error) => error.message.replace(/^(.* )?(because|with) /, ''),
    )
    expect([question, said.replace(/^(.* )?(because|with) /, '')]).toEqual([question, done])
    const deciding = answer.statements.filter(({ outcome }) => outcome === 'principal').map(({ effect }) => effect)
    if (answer.allowed) allowed.push(question.action)
    expect([question, deciding.includes('Deny')]).toEqual([question, said.includes('explicit deny')])
  }
  expect(allowed).toEqual(['kms:Encrypt', 'kms:ListAliases', 's3:GetObject', 's3:GetBucketVersioning'])
})
