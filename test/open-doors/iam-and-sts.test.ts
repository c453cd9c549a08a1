import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetAccountAuthorizationDetailsCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cloudTrailOperations } from '../../src/cloudtrail/operations/index.ts'
import { iamOperations } from '../../src/iam/operations/index.ts'
import { stsOperations } from '../../src/sts/operations/index.ts'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { type Answer, type Keys, makeUser, nobody, otherAccount, send, stranger, type User } from './callers.ts'
import { formOf, inputFor, type Values } from './inputs.ts'

/* No door of IAM and STS is open: every operation of both tables, called by whom nothing was granted. */

const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
})
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: '111111111111' }, Action: 'sts:AssumeRole' },
})
const names = { UserName: 'kept', GroupName: 'kept', RoleName: 'kept', PolicyName: 'kept', InstanceProfileName: 'kept' }
const RoleArn = `arn:aws:iam::${accountId}:role/kept`

let journey: Journey
let iam: IAMClient
let user: User
let values: Values

beforeAll(async () => {
  journey = await startJourney()
  iam = new IAMClient(journey.configuration)
  user = await makeUser(journey, 'nothing')
  await iam.send(new CreateUserCommand(names))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand(names))
  await iam.send(new CreateGroupCommand(names))
  await iam.send(new AddUserToGroupCommand(names))
  await iam.send(new CreateRoleCommand({ ...names, AssumeRolePolicyDocument: trust }))
  await iam.send(new CreateInstanceProfileCommand(names))
  await iam.send(new AddRoleToInstanceProfileCommand(names))
  const { Policy } = await iam.send(new CreatePolicyCommand({ ...names, PolicyDocument: document }))
  const PolicyArn = Policy?.Arn ?? ''
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document }))
  await iam.send(new AttachUserPolicyCommand({ ...names, PolicyArn }))
  await iam.send(new PutUserPolicyCommand({ ...names, PolicyDocument: document }))
  values = {
    ...names,
    ...{ PolicyArn, PermissionsBoundary: PolicyArn, PolicyDocument: document, AssumeRolePolicyDocument: trust },
    PolicySourceArn: `arn:aws:iam::${accountId}:user/kept`,
    PolicyInputList: [document],
    ActionNames: ['s3:GetObject'],
    AccessKeyId: AccessKey?.AccessKeyId,
    VersionId: 'v1',
    Tags: [{ Key: 'a', Value: 'b' }],
    TagKeys: ['a'],
    ...{ RoleArn, RoleSessionName: 'me', Name: 'guest' },
  }
})
afterAll(() => journey.stop())

interface Operation {
  name: string
  input: Parameters<typeof inputFor>[0]
}

function call(service: 'iam' | 'sts', { name, input }: Operation, keys: Keys): Promise<Answer> {
  const Version = service === 'iam' ? '2010-05-08' : '2011-06-15'
  const body = new URLSearchParams([['Action', name], ['Version', Version], ...formOf(inputFor(input, values))])
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return send(journey, service, keys, { method: 'POST', path: '/', headers, body: body.toString() })
}
const codeOf = ({ text }: Answer) => /<Code>(\w+)<\/Code>/.exec(text)?.[1]

/** All that IAM knows of the account. */
async function detailsOf(): Promise<unknown> {
  const { $metadata: _, ...details } = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1000 }))
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'kept' }))
  return { details, AccessKeyMetadata }
}

describe('IAM, where nothing is granted', () => {
  test.each<[string, () => Keys, string]>([
    ['nobody', () => nobody, 'MissingAuthenticationToken'],
    ['a user without rights', () => user.keys, 'AccessDenied'],
  ])('%s is refused every operation', async (_who, keysOf, code) => {
    const before = await detailsOf()
    const open: string[] = []
    for (const operation of iamOperations.values()) {
      const answer = await call('iam', operation, keysOf())
      if (codeOf(answer) !== code) open.push(`${operation.name}: ${answer.text}`)
    }
    expect(open).toEqual([])
    expect(await detailsOf()).toEqual(before)
  })

  test('another account has its own, and is told nothing', async () => {
    const before = await detailsOf()
    const open: string[] = []
    for (const operation of iamOperations.values()) {
      const answer = await call('iam', operation, stranger)
      const names = ['PolicyArn', 'PolicySourceArn', 'AccessKeyId', 'PermissionsBoundary']
      const isOfAccount = names.some((name) => name in (operation.input.description.members ?? {}))
      const isOptional = operation.name === 'CreateUser' || operation.name === 'CreateRole'
      if (answer.status === 200 && isOfAccount && !isOptional) open.push(`${operation.name}: ${answer.text}`)
      if (answer.status === 200 && answer.text.includes(accountId)) open.push(`${operation.name} tells: ${answer.text}`)
    }
    expect(open).toEqual([])
    expect(await detailsOf()).toEqual(before)
  })
})

// What reads comes before what deletes.
const readFirst = [...iamOperations.values()].sort((a, b) => Number(b.readOnly) - Number(a.readOnly))
test.each(readFirst.map((operation) => [operation.name, operation] as const))(
  '%s is let in with its own permission, and refused without it whatever else is granted',
  async (name, operation) => {
    await user.grant(allow('*'), { ...allow(`iam:${name}`), Effect: 'Deny' })
    expect(codeOf(await call('iam', operation, user.keys))).toBe('AccessDenied')
    await user.grant(allow(`iam:${name}`))
    expect(codeOf(await call('iam', operation, user.keys))).not.toBe('AccessDenied')
  },
)

describe('STS', () => {
  /** Whoever can sign may ask who he is, and get credentials that may do no more (STS API Reference). */
  const openToUsers = ['GetCallerIdentity', 'GetSessionToken']

  test.each<[string, () => Keys, string, string[]]>([
    ['nobody', () => nobody, 'MissingAuthenticationToken', []],
    ['a user without rights', () => user.keys, 'AccessDenied', openToUsers],
  ])('%s is refused every operation but his own identity', async (_who, keysOf, code, allowed) => {
    await user.grant()
    const open: string[] = []
    for (const operation of stsOperations.values()) {
      if (codeOf(await call('sts', operation, keysOf())) !== code) open.push(operation.name)
    }
    expect(open.sort()).toEqual(allowed)
  })

  test('another account assumes no role, and all of its own permissions do not help', async () => {
    const assume = stsOperations.get('AssumeRole')
    if (!assume) throw new Error('AssumeRole is not in the table')
    for (const keys of [stranger, user.keys]) {
      await user.grant(allow('*'))
      const answer = await call('sts', assume, keys)
      expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('is not authorized to perform: sts:') })
    }
  })
})

describe('CloudTrail', () => {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
  }
  const lookUp = (keys: Keys) =>
    send(journey, 'cloudtrail', keys, { method: 'POST', path: '/', headers, body: '{"MaxResults":1}' })

  test('events are looked up by whom its policies allow it, and by another account of itself alone', async () => {
    await user.grant()
    const action = 'cloudtrail:LookupEvents'
    expect((await lookUp(nobody)).status).toBe(400)
    expect(JSON.parse((await lookUp(user.keys)).text)).toMatchObject({
      __type: 'AccessDeniedException',
      message: `User: ${user.arn} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    })
    await user.grant(allow(action))
    expect(JSON.parse((await lookUp(user.keys)).text).Events).toHaveLength(1)
    const { Events } = JSON.parse((await lookUp(stranger)).text)
    expect(JSON.parse(Events[0].CloudTrailEvent)).toMatchObject({ recipientAccountId: otherAccount })
  })

  const onTrails = [...cloudTrailOperations.values()].sort((a, b) => Number(b.readOnly) - Number(a.readOnly))
  const typeOf = async (name: string, keys: Keys, more = {}) => {
    const target = { ...headers, 'x-amz-target': `CloudTrail_20131101.${name}` }
    const body = JSON.stringify({ ...inputs, ...more })
    return JSON.parse(
      (await send(journey, 'cloudtrail', keys, { method: 'POST', path: '/', headers: target, body })).text,
    ).__type
  }
  const trail = `arn:aws:cloudtrail:us-east-1:${accountId}:trail/all`
  const tags = { ResourceId: trail, ResourceIdList: [trail], TagsList: [{ Key: 'a' }] }
  const selectors = { TrailName: trail, EventSelectors: [{ ReadWriteType: 'All' }] }
  const inputs = { Name: trail, S3BucketName: 'nowhere', ...tags, ...selectors }

  test.each(onTrails.map(({ name }) => name))(
    '%s is let in with its own permission, and refused without it whatever else is granted',
    async (name) => {
      await user.grant(allow('*'), { ...allow(`cloudtrail:${name}`), Effect: 'Deny' })
      expect(await typeOf(name, user.keys)).toBe('AccessDeniedException')
      await user.grant(allow(`cloudtrail:${name}`))
      expect(await typeOf(name, user.keys)).not.toBe('AccessDeniedException')
    },
  )

  test('Tags of no trail are listed by who may list tags', async () => {
    await user.grant({ ...allow('*'), Effect: 'Deny' })
    expect(await typeOf('ListTags', user.keys, { ResourceIdList: [] })).toBe('AccessDeniedException')
    await user.grant(allow('cloudtrail:ListTags'))
    expect(await typeOf('ListTags', user.keys, { ResourceIdList: [] })).toBeUndefined()
  })
})

function allow(...Action: string[]) {
  return { Effect: 'Allow', Action, Resource: '*' }
}
