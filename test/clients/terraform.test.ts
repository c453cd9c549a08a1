import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateRoleCommand,
  IAMClient,
  ListGroupsCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam'
import { DescribeKeyCommand, ListAliasesCommand, ListGrantsCommand } from '@aws-sdk/client-kms'
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId, failureOf, type Journey, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/*
 * Terraform with its AWS provider, offline: what is in terraform/ is applied, planned without drift, changed, planned again and destroyed.
 * In between, the principals it made may do what its policies say. The provider waits by the machine's clock: for a lifecycle 55 s.
 */

const terraform = findProgram('terraform')
const plugins = [join(homedir(), '.terraform.d'), '/usr/local/share/terraform', '/usr/local/share', '/opt']
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .find((folder) => existsSync(join(folder, 'registry.terraform.io/hashicorp/aws')))
if (!terraform || !plugins)
  console.warn('skipped: no Terraform on the PATH, or no folder of plugins with its AWS provider')
const describeTerraform = terraform && plugins ? describe : describe.skip

const configuration = fileURLToPath(new URL('terraform', import.meta.url))
const bucket = 'files-of-terraform'
const changed = '-var=changed=true'
const trust = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountId}:user/test` },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: { StringEquals: { 'sts:ExternalId': 'of-two', 'aws:RequestTag/team': 'a' } },
  },
}
let journey: Journey
let folder: string

/** Runs it in the folder of the configuration. @returns standard output @throws Error for another exit code */
async function command(parameters: string[], exit = 0): Promise<string> {
  const env = {
    ...awsEnvironment(journey, folder),
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_VAR_by_name: `http://localhost:${journey.port}`,
    // Go finds no names below localhost: the emulator is asked for them as if it were a proxy.
    HTTP_PROXY: journey.endpoint,
  }
  const { code, stdout, stderr } = await run(terraform ?? '', parameters, { cwd: folder, env })
  if (code !== exit) throw new Error(`terraform ${parameters.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout
}

const apply = (...more: string[]) => command(['apply', '-auto-approve', '-no-color', '-input=false', ...more])
/** As the plan before it, which has just looked at everything. */
const applyAsPlanned = (...more: string[]) => apply('-refresh=false', ...more)
/** Exit code 2 would be: something differs from the configuration. */
const planWithoutDrift = (...more: string[]) =>
  command(['plan', '-detailed-exitcode', '-no-color', '-input=false', ...more])
const output = async (name: string) => (await command(['output', '-raw', name])).trim()

const asAnna = async () => journey.as(await output('id'), await output('secret'))
const hello = { Bucket: bucket, Key: 'hello.txt' }
async function read({ s3 }: Pick<Journey, 's3'>): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand(hello))).Body?.transformToString()
}

describeTerraform('Terraform', () => {
  beforeAll(async () => {
    journey = await startJourney({ bucketDefaults: 'current', auth: 'strict' })
    folder = await mkdtemp(join(tmpdir(), 's3kms-terraform-'))
    const iam = new IAMClient(journey.configuration)
    await iam.send(new CreateRoleCommand({ RoleName: 'deployer', AssumeRolePolicyDocument: JSON.stringify(trust) }))
    await cp(configuration, folder, { recursive: true })
    await command(['init', `-plugin-dir=${plugins}`, '-no-color', '-input=false'])
  })
  afterAll(async () => {
    await journey?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  test('applies, and then finds nothing to do', async () => {
    expect(await apply()).toContain('Apply complete! Resources: 63 added, 0 changed, 0 destroyed.')
    expect(await planWithoutDrift()).toContain('No changes. Your infrastructure matches the configuration.')
  })

  test('what it made decides who may do what', async () => {
    expect(await output('assumed')).toBe(`arn:aws:sts::${accountId}:assumed-role/deployer/terraform`)
    expect(await output('may_read')).toBe('true')
    expect(await output('decrypted')).toBe('a secret')
    expect([await output('far'), await output('listed')]).toEqual(['eu-central-1', 'copied.txt'])
    const anna = await asAnna()
    expect(await read(anna)).toBe('hello')
    const unencrypted = new PutObjectCommand({ ...hello, Body: 'x' })
    expect((await failureOf(journey.s3.send(unencrypted))).message).toBe(
      `User: arn:aws:iam::${accountId}:user/test is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${bucket}/hello.txt" with an explicit deny in a resource-based policy`,
    )
    expect((await failureOf(anna.s3.send(unencrypted))).code).toBe('AccessDenied')
    const { Grants } = await journey.kms.send(new ListGrantsCommand({ KeyId: await output('key') }))
    expect(Grants).toMatchObject([{ Name: 'app', Operations: expect.arrayContaining(['Encrypt', 'Decrypt']) }])
  })

  test('changes what can be changed in place, and then finds nothing to do', async () => {
    expect(await applyAsPlanned(changed)).toContain('Apply complete! Resources: 1 added, 45 changed, 1 destroyed.')
    expect(await planWithoutDrift(changed)).toContain('No changes. Your infrastructure matches the configuration.')
    expect(await read(await asAnna())).toBe('hello again')
  })

  test('destroys all of it', async () => {
    const KeyId = await output('key')
    expect(
      await command(['destroy', '-auto-approve', '-refresh=false', '-no-color', '-input=false', changed]),
    ).toContain('Destroy complete! Resources: 63 destroyed.')
    const iam = new IAMClient(journey.configuration)
    expect((await iam.send(new ListUsersCommand({}))).Users).toEqual([])
    expect((await iam.send(new ListGroupsCommand({}))).Groups).toEqual([])
    expect((await iam.send(new ListRolesCommand({}))).Roles).toMatchObject([{ RoleName: 'deployer' }])
    expect((await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies).toEqual([])
    expect((await journey.s3.send(new ListBucketsCommand({}))).Buckets).toEqual([])
    expect((await journey.kms.send(new ListAliasesCommand({ KeyId }))).Aliases).toEqual([])
    const { KeyMetadata } = await journey.kms.send(new DescribeKeyCommand({ KeyId }))
    expect(KeyMetadata?.KeyState).toBe('PendingDeletion')
  })
})
