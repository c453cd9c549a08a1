import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/** Principals and their rights with the AWS CLI, where it is on the PATH: `aws iam`, `aws sts`, and profiles that assume roles. */

const aws = findProgram('aws')
if (!aws) console.warn('skipped: no AWS CLI on the PATH')
const describeCli = aws ? describe : describe.skip

const bucket = 'owned-by-test'
const anna = `arn:aws:iam::${accountId}:user/anna`
const policyArn = `arn:aws:iam::${accountId}:policy/reads`
let journey: Journey
let folder: string

async function cli(...parameters: string[]) {
  return run(aws ?? '', parameters, { cwd: folder, env: awsEnvironment(journey, folder) })
}

/** Standard output of a command that succeeds, without its last line's end. */
async function output(...parameters: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(...parameters)
  if (code !== 0) throw new Error(`aws ${parameters.join(' ')} ended with ${code}: ${stderr}`)
  return stdout.trimEnd()
}

const answer = async (...parameters: string[]) => JSON.parse((await output(...parameters)) || '{}')
const lines = async (...parameters: string[]) => (await output(...parameters, '--output', 'text')).split(/\s+/)

/** What a command that fails writes to standard error. */
async function complaint(...parameters: string[]): Promise<string> {
  const { code, stderr } = await cli(...parameters)
  expect(code).not.toBe(0)
  return stderr.trim()
}

async function policyFile(name: string, ...Statement: object[]): Promise<string> {
  await writeFile(join(folder, name), JSON.stringify({ Version: '2012-10-17', Statement }))
  return `file://${name}`
}

/** A profile's lines in the file of credentials. */
function profileOf(name: string, id = '', secret = '', token?: string): string {
  const lines = [`[${name}]`, `aws_access_key_id = ${id}`, `aws_secret_access_key = ${secret}`]
  return `${[...lines, ...(token === undefined ? [] : [`aws_session_token = ${token}`])].join('\n')}\n`
}

const allow = (Action: string | string[], Resource: string | string[] = '*') => ({ Effect: 'Allow', Action, Resource })
const trustIn = (AWS: string, Condition?: object) => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action: 'sts:AssumeRole',
  Condition,
})
const get = (profile: string) => ['s3', 'cp', `s3://${bucket}/hello`, '-', '--profile', profile]

describeCli('the AWS CLI and principals', () => {
  beforeAll(async () => {
    journey = await startJourney({ auth: 'strict' })
    folder = await mkdtemp(join(tmpdir(), 's3kms-cli-principals-'))
    await writeFile(join(folder, 'hello'), 'hello\n')
    await output('s3', 'mb', `s3://${bucket}`)
    await output('s3', 'cp', 'hello', `s3://${bucket}/hello`)
  })
  afterAll(async () => {
    await journey?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  test('a user is created, has a key, and may do nothing', async () => {
    await output('iam', 'create-user', '--user-name', 'anna', '--tags', 'Key=team,Value=a')
    await output('iam', 'wait', 'user-exists', '--user-name', 'anna')
    const query = 'AccessKey.[AccessKeyId,SecretAccessKey]'
    const [id, secret] = await lines('iam', 'create-access-key', '--user-name', 'anna', '--query', query)
    await writeFile(join(folder, 'credentials'), profileOf('anna', id, secret) + profileOf('default', 'test', 'test'))
    expect(await answer('sts', 'get-caller-identity', '--profile', 'anna')).toEqual({
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Account: accountId,
      Arn: anna,
    })
    expect(
      await complaint('s3api', 'get-object', '--bucket', bucket, '--key', 'hello', 'x', '--profile', 'anna'),
    ).toContain(
      `(AccessDenied) when calling the GetObject operation: User: ${anna} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::${bucket}/hello" because no identity-based policy allows the s3:GetObject action`,
    )
    expect(await complaint('iam', 'list-users', '--profile', 'anna')).toContain(
      `(AccessDenied) when calling the ListUsers operation: User: ${anna} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${accountId}:user/`,
    )
  })

  test('it gets a policy, and has the rights', async () => {
    const document = await policyFile(
      'reads.json',
      allow(['s3:GetObject', 's3:ListBucket'], [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]),
    )
    await output('iam', 'create-policy', '--policy-name', 'reads', '--policy-document', document)
    await output('iam', 'wait', 'policy-exists', '--policy-arn', policyArn)
    await output('iam', 'attach-user-policy', '--user-name', 'anna', '--policy-arn', policyArn)
    expect(await output(...get('anna'))).toBe('hello')
    const version = await answer('iam', 'get-policy-version', '--policy-arn', policyArn, '--version-id', 'v1')
    expect(version.PolicyVersion.Document.Statement[0].Action).toEqual(['s3:GetObject', 's3:ListBucket'])
  })

  test('what it may do is simulated, and told of the whole account', async () => {
    const asked = ['--policy-source-arn', anna, '--resource-arns', `arn:aws:s3:::${bucket}/hello`]
    const query = 'EvaluationResults[].EvalDecision'
    const actions = ['--action-names', 's3:GetObject', 's3:DeleteObject']
    expect(await lines('iam', 'simulate-principal-policy', ...asked, ...actions, '--query', query)).toEqual([
      'allowed',
      'implicitDeny',
    ])
    const details = await answer('iam', 'get-account-authorization-details', '--page-size', '1')
    expect(details.UserDetailList).toMatchObject([
      { UserName: 'anna', AttachedManagedPolicies: [{ PolicyName: 'reads', PolicyArn: policyArn }] },
    ])
    expect(details.Policies).toContainEqual(expect.objectContaining({ PolicyName: 'reads', AttachmentCount: 1 }))
  })

  test('a profile assumes a role with an external id', async () => {
    const trust = await policyFile('trust.json', trustIn(anna, { StringEquals: { 'sts:ExternalId': 'of-two' } }))
    await output('iam', 'create-role', '--role-name', 'partner', '--assume-role-policy-document', trust)
    await output('iam', 'wait', 'role-exists', '--role-name', 'partner')
    const RoleArn = `arn:aws:iam::${accountId}:role/partner`
    const profile = (name: string, more: string) =>
      `[profile ${name}]\nrole_arn = ${RoleArn}\nsource_profile = anna\nrole_session_name = me\n${more}`
    await writeFile(
      join(folder, 'config'),
      `[profile anna]\n${profile('partner', 'external_id = of-two\n')}${profile('guesser', 'external_id = guessed\n')}`,
    )
    expect(await complaint('sts', 'get-caller-identity', '--profile', 'guesser')).toContain(
      `(AccessDenied) when calling the AssumeRole operation: User: ${anna} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    )
    const { Arn } = await answer('sts', 'get-caller-identity', '--profile', 'partner')
    expect(Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/partner/me`)
    expect(await complaint(...get('partner'))).toContain('403')
    const document = await policyFile('role.json', allow('s3:*', `arn:aws:s3:::${bucket}/*`))
    await output(
      'iam',
      'put-role-policy',
      '--role-name',
      'partner',
      '--policy-name',
      'own',
      '--policy-document',
      document,
    )
    expect(await output(...get('partner'))).toBe('hello')
  })

  test('an assumed role of tags and a session policy, by hand', async () => {
    const trust = await policyFile('tags.json', { ...trustIn(anna), Action: ['sts:AssumeRole', 'sts:TagSession'] })
    await output('iam', 'update-assume-role-policy', '--role-name', 'partner', '--policy-document', trust)
    const session = await policyFile('session.json', {
      ...allow('s3:GetObject'),
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a' } },
    })
    const assume = async (team: string) => {
      const asked = ['--role-arn', `arn:aws:iam::${accountId}:role/partner`, '--role-session-name', 'tagged']
      const more = ['--tags', `Key=team,Value=${team}`, '--policy', session, '--profile', 'anna']
      const { Credentials } = await answer('sts', 'assume-role', ...asked, ...more)
      const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials
      await appendFile(join(folder, 'credentials'), profileOf(team, AccessKeyId, SecretAccessKey, SessionToken))
    }
    await assume('a')
    await assume('b')
    expect(await output(...get('a'))).toBe('hello')
    expect(await complaint(...get('b'))).toContain('403')
  })

  test('an instance profile, waited for', async () => {
    await output('iam', 'create-instance-profile', '--instance-profile-name', 'app')
    await output('iam', 'wait', 'instance-profile-exists', '--instance-profile-name', 'app')
    await output('iam', 'add-role-to-instance-profile', '--instance-profile-name', 'app', '--role-name', 'partner')
    const query = 'InstanceProfiles[].Roles[].RoleName'
    expect(await lines('iam', 'list-instance-profiles', '--query', query)).toEqual(['partner'])
  })

  test('lists come by pages, whole or as many as are asked for', async () => {
    for (const name of ['p1', 'p2', 'p3']) await output('iam', 'create-user', '--user-name', name, '--path', '/paged/')
    const query = ['--path-prefix', '/paged/', '--query', 'Users[].UserName']
    expect(await lines('iam', 'list-users', '--page-size', '1', ...query)).toEqual(['p1', 'p2', 'p3'])
    const some = await answer('iam', 'list-users', '--path-prefix', '/paged/', '--max-items', '2')
    expect(some.Users).toHaveLength(2)
    const rest = await answer('iam', 'list-users', '--path-prefix', '/paged/', '--starting-token', some.NextToken)
    expect(rest.Users).toMatchObject([{ UserName: 'p3' }])
  })

  test('what IAM refuses is told in its words', async () => {
    expect(await complaint('iam', 'get-user', '--user-name', 'nobody')).toContain(
      'An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name nobody cannot be found.',
    )
    expect(await complaint('iam', 'create-user', '--user-name', 'ANNA')).toContain(
      'An error occurred (EntityAlreadyExists) when calling the CreateUser operation: User with name ANNA already exists.',
    )
    expect(await complaint('iam', 'delete-role', '--role-name', 'partner')).toContain(
      'An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must',
    )
    expect(await complaint('sts', 'get-session-token', '--profile', 'a')).toContain(
      'An error occurred (AccessDenied) when calling the GetSessionToken operation: Cannot call GetSessionToken with session credentials',
    )
  })
})
