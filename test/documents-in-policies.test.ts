import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'

/*
 * Policies ask what documents say: where a new bucket is to be and which tags it gets, who owns objects, and, of each object that is
 * to be deleted, whether its entity tag was given. The documents are read before the policies are weighed.
 */

const Bucket = 'kept'
const UserName = 'ana'
const userArn = `arn:aws:iam::${accountId}:user/${UserName}`
let journey: Journey
let iam: IAMClient
let ana: ReturnType<Journey['as']>

beforeAll(async () => {
  journey = await startJourney()
  iam = new IAMClient(journey.configuration)
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  await iam.send(new CreateUserCommand({ UserName }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  ana = journey.as(AccessKey?.AccessKeyId ?? '', AccessKey?.SecretAccessKey)
})
afterAll(async () => {
  iam.destroy()
  await journey.stop()
})

function allow(Action: string, Condition: object): Promise<unknown> {
  const Statement = [{ Effect: 'Allow', Action, Resource: '*', Condition }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  return iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }))
}

const refused = (action: string, resource: string) => ({
  code: 'AccessDenied',
  message: `User: ${userArn} is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action`,
})

test('A bucket is made in the Region and with the tags that a policy wants, and not otherwise', async () => {
  await allow('s3:CreateBucket', {
    StringEquals: { 's3:LocationConstraint': 'eu-west-1', 'aws:RequestTag/team': 'docs' },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
  })
  const create = (
    name: string,
    LocationConstraint: 'eu-west-1' | 'eu-west-2',
    Tags: { Key: string; Value: string }[],
  ) => ana.s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint, Tags } }))
  const team = { Key: 'team', Value: 'docs' }
  const no = refused('s3:CreateBucket', 'arn:aws:s3:::ana-1')
  expect(await failureOf(create('ana-1', 'eu-west-2', [team]))).toMatchObject(no)
  expect(await failureOf(create('ana-1', 'eu-west-1', []))).toMatchObject(no)
  expect(await failureOf(create('ana-1', 'eu-west-1', [team, { Key: 'cost', Value: '1' }]))).toMatchObject(no)
  await expect(create('ana-1', 'eu-west-1', [team])).resolves.toMatchObject({ BucketArn: 'arn:aws:s3:::ana-1' })
})

test('Ownership is set as a policy wants it', async () => {
  await allow('s3:PutBucketOwnershipControls', { StringEquals: { 's3:x-amz-object-ownership': 'BucketOwnerEnforced' } })
  const own = (ObjectOwnership: 'BucketOwnerEnforced' | 'ObjectWriter') =>
    ana.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } }))
  const no = refused('s3:PutBucketOwnershipControls', `arn:aws:s3:::${Bucket}`)
  expect(await failureOf(own('ObjectWriter'))).toMatchObject(no)
  await expect(own('BucketOwnerEnforced')).resolves.toMatchObject({})
})

test('Of many objects those are deleted whose entity tag was given', async () => {
  const { ETag } = await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'x' }))
  const Statement = [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    { Effect: 'Allow', Action: 's3:DeleteObject', Resource: '*', Condition: { Null: { 's3:if-match': false } } },
  ]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }))
  const Objects = [{ Key: 'a', ETag }, { Key: 'b' }]
  const { Deleted, Errors } = await ana.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  expect(Deleted).toEqual([{ Key: 'a' }])
  const { code: Code, message: Message } = refused('s3:DeleteObject', `arn:aws:s3:::${Bucket}/b`)
  expect(Errors).toEqual([{ Key: 'b', Code, Message }])
})
