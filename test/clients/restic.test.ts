import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ListObjectsV2Command, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** restic: a repository in a bucket with versions, whose locks it deletes and whose packs it reads in pieces. */

const Bucket = 'backups'
let place: Workplace

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current' })
  await place.journey.createBucket(Bucket)
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await place.journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  await mkdir(join(place.folder, 'tree/sub'), { recursive: true })
  for (const name of ['a', 'sub/b']) await writeFile(join(place.folder, 'tree', name), randomBytes(100_000))
})
afterAll(() => place.stop())

describeWhere('restic', (restic) => {
  const backups = (...parameters: string[]) =>
    place.output(restic, ['--no-cache', ...parameters], {
      RESTIC_PASSWORD: 'secret',
      RESTIC_REPOSITORY: `s3:${place.journey.endpoint}/${Bucket}/laptop`,
    })
  const snapshots = async () => JSON.parse(await backups('snapshots', '--json'))

  test('keeps, prunes, checks and restores a repository', async () => {
    await backups('init')
    await backups('backup', 'tree')
    await writeFile(join(place.folder, 'tree/new'), randomBytes(50_000))
    await backups('backup', 'tree')
    expect(await snapshots()).toHaveLength(2)
    await backups('forget', '--keep-last', '1', '--prune')
    expect(await snapshots()).toHaveLength(1)
    expect(await backups('check', '--read-data')).toContain('no errors were found')
    await backups('restore', 'latest', '--target', 'restored')
    for (const name of ['a', 'sub/b', 'new']) {
      const restored = await readFile(join(place.folder, 'restored/tree', name))
      expect(restored.equals(await readFile(join(place.folder, 'tree', name)))).toBe(true)
    }
    const locks = await place.journey.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'laptop/locks/' }))
    expect(locks.KeyCount).toBe(0)
  })
})
