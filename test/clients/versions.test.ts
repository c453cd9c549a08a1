import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Journey, region, startJourney } from '../emulator.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/** Buckets with versions, as the AWS CLI, rclone and restic use them, each where it is on the PATH. */

let journey: Journey
let folder: string

beforeAll(async () => {
  journey = await startJourney()
  folder = await mkdtemp(join(tmpdir(), 's3kms-versions-'))
  await mkdir(join(folder, 'tree/sub'), { recursive: true })
  for (const name of ['a', 'b', 'sub/c']) await writeFile(join(folder, 'tree', name), randomBytes(100_000))
})
afterAll(async () => {
  await journey.stop()
  await rm(folder, { recursive: true, force: true })
})

async function versionedBucket(name: string): Promise<string> {
  const Bucket = await journey.createBucket(name)
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  return Bucket
}

/** Runs a program that succeeds. @returns what it wrote */
async function output(program: string, parameters: string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...awsEnvironment(journey, folder), ...environment }
  const { code, stdout, stderr } = await run(program, parameters, { cwd: folder, env })
  if (code !== 0) throw new Error(`${program} ${parameters.join(' ')} ended with ${code}: ${stderr}`)
  return stdout.trimEnd()
}

function describeWhere(name: string, body: (program: string) => void): void {
  const program = findProgram(name)
  if (!program) console.warn(`skipped: no ${name} on the PATH`)
  if (program) describe(name, () => body(program))
  else describe.skip(name, () => body(''))
}

describeWhere('aws', (aws) => {
  const api = async (operation: string, ...parameters: string[]) => {
    const text = await output(aws, ['s3api', operation, '--bucket', 'cli-versions', ...parameters])
    return text === '' ? {} : JSON.parse(text)
  }

  test('a version is put, hidden, found, restored and erased by the AWS CLI', async () => {
    await journey.createBucket('cli-versions')
    await api('put-bucket-versioning', '--versioning-configuration', 'Status=Enabled')
    expect(await api('get-bucket-versioning')).toEqual({ Status: 'Enabled' })
    const { VersionId: old } = await api('put-object', '--key', 'k', '--body', 'tree/a')
    await api('put-object', '--key', 'k', '--body', 'tree/b')
    expect(await api('delete-object', '--key', 'k')).toMatchObject({ DeleteMarker: true })
    await api('get-object', '--key', 'k', '--version-id', old, 'got')
    expect((await readFile(join(folder, 'got'))).equals(await readFile(join(folder, 'tree/a')))).toBe(true)
    const source = `cli-versions/k?versionId=${old}`
    expect(await api('copy-object', '--key', 'k', '--copy-source', source)).toMatchObject({ CopySourceVersionId: old })
    const all = '{Objects: [Versions,DeleteMarkers][].{Key:Key,VersionId:VersionId}}'
    const listed = await api('list-object-versions', '--query', all)
    expect(listed.Objects).toHaveLength(4)
    const { Deleted } = await api('delete-objects', '--delete', JSON.stringify(listed))
    expect(Deleted).toHaveLength(4)
    expect(await output(aws, ['s3', 'rb', 's3://cli-versions'])).toBe('remove_bucket: cli-versions')
  })
})

describeWhere('rclone', (rclone) => {
  const environment = () => ({
    // It has a transport of its own, which takes no bundle of certificates from here.
    AWS_CA_BUNDLE: undefined,
    RCLONE_CONFIG_HERE_TYPE: 's3',
    RCLONE_CONFIG_HERE_PROVIDER: 'Other',
    RCLONE_CONFIG_HERE_ENDPOINT: journey.endpoint,
    RCLONE_CONFIG_HERE_REGION: region,
    RCLONE_CONFIG_HERE_ACCESS_KEY_ID: 'test',
    RCLONE_CONFIG_HERE_SECRET_ACCESS_KEY: 'test',
  })
  const remote = (...parameters: string[]) => output(rclone, ['--retries', '1', ...parameters], environment())

  test('rclone syncs both ways, and shows what it wrote over and deleted', async () => {
    const bucket = await versionedBucket('rclone-versions')
    const [here, there] = [join(folder, 'tree'), `here:${bucket}/tree`]
    await remote('sync', here, there)
    await writeFile(join(here, 'a'), randomBytes(5000))
    await rm(join(here, 'b'))
    await remote('sync', here, there)
    await remote('check', here, there)
    const names = (await remote('lsf', '-R', '--files-only', '--s3-versions', there)).split('\n').sort()
    expect(names).toEqual(['a', expect.stringMatching(/^a-v\d/), expect.stringMatching(/^b-v\d/), 'sub/c'])
    await remote('sync', there, join(folder, 'back'))
    expect((await readdir(join(folder, 'back'), { recursive: true })).sort()).toEqual(['a', 'sub', 'sub/c'])
  })
})

describeWhere('restic', (restic) => {
  test('restic keeps, prunes, checks and restores a repository', async () => {
    const bucket = await versionedBucket('restic-versions')
    const environment = { RESTIC_PASSWORD: 'secret', RESTIC_REPOSITORY: `s3:${journey.endpoint}/${bucket}` }
    const backups = (...parameters: string[]) => output(restic, ['--no-cache', ...parameters], environment)
    await backups('init')
    await backups('backup', 'tree')
    await writeFile(join(folder, 'tree/new'), randomBytes(50_000))
    await backups('backup', 'tree')
    await backups('forget', '--keep-last', '1', '--prune')
    expect(await backups('check')).toContain('no errors were found')
    await backups('restore', 'latest', '--target', 'restored')
    const restored = await readFile(join(folder, 'restored', 'tree/new'))
    expect(restored.equals(await readFile(join(folder, 'tree/new')))).toBe(true)
  })
})
