import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/** IAM and STS with boto3, where Python has it: boto3_principals.py does the work in one run and tells what came of it. */

const python = findProgram('python3')
const hasBoto3 = python !== undefined && (await run(python, ['-c', 'import boto3'])).code === 0
if (!hasBoto3) console.warn('skipped: no python3 with boto3 on the PATH')
const describeBoto3 = hasBoto3 ? describe : describe.skip

const script = fileURLToPath(new URL('boto3_principals.py', import.meta.url))
const anna = `arn:aws:iam::${accountId}:user/people/anna`
const refused = (caller: string, action: string, resource: string, why: string) =>
  `AccessDenied: User: ${caller} is not authorized to perform: ${action} on resource: ${resource}${why}`
const noPolicy = (kind: string, action: string) => ` because no ${kind} allows the ${action} action`
const object = '"arn:aws:s3:::principals/a"'
const mayNotPut = refused(anna, 's3:PutObject', object, noPolicy('identity-based policy', 's3:PutObject'))

describeBoto3('principals with boto3', () => {
  let told: Record<string, unknown> = {}
  let journey: Journey

  beforeAll(async () => {
    journey = await startJourney({ auth: 'strict' })
    const folder = await mkdtemp(join(tmpdir(), 's3kms-principals-'))
    const { code, stdout, stderr } = await run(python ?? '', [script], { env: awsEnvironment(journey, folder) })
    await rm(folder, { recursive: true })
    if (code !== 0) throw new Error(stderr)
    told = JSON.parse(stdout)
  })
  afterAll(() => journey?.stop())

  test('a new user is who it is, and may do nothing', () => {
    expect(told['a new user']).toEqual({
      arn: anna,
      same: true,
      tags: [{ Key: 'team', Value: 'a' }],
      keys: [['Active', true]],
      put: mayNotPut,
      self: refused(anna, 'iam:GetUser', anna, noPolicy('identity-based policy', 'iam:GetUser')),
    })
  })

  test('an inline policy gives rights as long as it is there, and comes back as a document', () => {
    const Statement = [{ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::principals/*' }]
    const document = { Version: '2012-10-17', Statement }
    expect(told['an inline policy']).toEqual({ allowed: 'done', document, deleted: mayNotPut })
  })

  test('a managed policy counts in its default version, for the members of its groups', () => {
    expect(told['a managed policy through a group']).toEqual({
      groups: ['writers'],
      users: ['anna'],
      attached: [true],
      puts: [mayNotPut, mayNotPut, 'done'],
    })
    expect(told['a managed policy']).toMatchObject({
      versions: [
        ['v1', false],
        ['v2', true],
      ],
      document: { Statement: [{ Action: 's3:PutObject' }] },
      attached: 1,
      groups: ['writers'],
      'in use': 'DeleteConflict: Cannot delete a policy attached to entities.',
      default: 'DeleteConflict: Cannot delete the default version of a policy.',
    })
    expect(told['an access key that rests']).toEqual({ resting: 'InvalidAccessKeyId', again: 'done' })
  })

  test('a role is assumed with its external id alone, and a session policy narrows it', () => {
    const mayNotAssume = refused(anna, 'sts:AssumeRole', `arn:aws:iam::${accountId}:role/partner`, '')
    const session = `arn:aws:sts::${accountId}:assumed-role/partner/me`
    expect(told['a role with an external id']).toEqual({
      without: mayNotAssume,
      another: mayNotAssume,
      id: true,
      put: 'done',
      // The AWS managed key serves whoever of the account comes through S3.
      more: 'done',
      'session policy': refused(session, 's3:PutObject', object, noPolicy('session policy', 's3:PutObject')),
      trust: { StringEquals: { 'sts:ExternalId': 'secret-of-two' } },
    })
  })

  test('session tags need a permission of their own, and policies know them', () => {
    expect(told['session tags']).toEqual({
      refused: refused(anna, 'sts:TagSession', `arn:aws:iam::${accountId}:role/tenant`, ''),
      own: 'done',
      others: 'AccessDenied',
    })
  })

  test('without MFA there is no role that asks for it, and no call that a Deny without it meets', () => {
    expect(told['no MFA']).toEqual({
      role: refused(anna, 'sts:AssumeRole', `arn:aws:iam::${accountId}:role/careful`, ''),
      session: 'done',
      denied: refused(anna, 's3:PutObject', object, ' with an explicit deny in an identity-based policy'),
      iam: 'InvalidClientTokenId',
    })
  })

  test('an instance profile holds a role', () => {
    expect(told['an instance profile']).toEqual({
      roles: ['partner'],
      'of role': ['app'],
      'in use': [
        'DeleteConflict: Cannot delete entity, must remove roles from instance profile first.',
        'DeleteConflict: Cannot delete entity, must delete policies first.',
      ],
    })
  })

  test('the simulator, by pages', () => {
    expect(told['the simulator']).toEqual({
      decisions: { 's3:PutObject': 'allowed', 's3:GetObject': 'implicitDeny', 's3:DeleteObject': 'implicitDeny' },
      sources: ['writes'],
    })
  })

  test('all of the account, by pages of one, and filtered', () => {
    expect(told["the account's details"]).toEqual({
      user: ['anna', ['writers'], [], [{ Key: 'team', Value: 'a' }]],
      group: ['writes'],
      roles: { careful: [], partner: ['own'], tenant: ['own'] },
      policies: { writes: 2 },
      filtered: [[], [], []],
    })
    expect(told.paginators).toEqual({
      sizes: [2, 2, 1],
      names: ['p0', 'p1', 'p2', 'p3', 'p4'],
      attached: ['writes'],
      summary: [1, 1, 3, 1],
    })
  })

  test('waiters give up on what does not come', () => {
    expect(told['waiters for what does not come']).toEqual({
      user_exists: 'The user with name nobody cannot be found.',
      role_exists: 'The role with name nobody cannot be found.',
      policy_exists: `Policy arn:aws:iam::${accountId}:policy/none was not found.`,
      instance_profile_exists: 'Instance Profile none cannot be found.',
    })
  })

  test('what is deleted is gone, with its keys', () => {
    expect(told['what is left when all is deleted']).toEqual({
      'too early': 'DeleteConflict: Cannot delete entity, must delete access keys first.',
      // The role's trust policy shows the id of who is gone.
      trusted: true,
      key: 'InvalidClientTokenId: The security token included in the request is invalid.',
      left: [[], [], [], []],
    })
  })
})
