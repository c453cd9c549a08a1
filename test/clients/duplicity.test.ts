import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** duplicity, which uses the boto3 of its own Python: volumes of a full and an incremental backup. */

const Bucket = 'volumes'
let place: Workplace

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current' })
  await place.journey.createBucket(Bucket)
  await mkdir(join(place.folder, 'tree/sub'), { recursive: true })
  await writeFile(join(place.folder, 'tree/a'), randomBytes(3 << 20))
  await writeFile(join(place.folder, 'tree/sub/b'), 'b')
})
afterAll(() => place.stop())

describeWhere('duplicity', (duplicity) => {
  const there = `boto3+s3://${Bucket}/laptop`
  const command = (...parameters: string[]) =>
    place.output(duplicity, [
      ...parameters,
      '--no-encryption',
      `--s3-endpoint-url=${place.journey.endpoint}`,
      '--archive-dir=archive',
    ])

  test('backs up in volumes, verifies, adds what changed, and restores without what it remembered', async () => {
    await command('full', '--volsize=1', 'tree', there)
    expect(await command('verify', there, 'tree')).toContain('4 files compared, 0 differences found.')
    await writeFile(join(place.folder, 'tree/new'), 'new')
    expect(await command('incremental', 'tree', there)).toContain('NewFiles 2\n')
    const { Contents } = await place.journey.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'laptop/' }))
    expect(Contents?.filter(({ Key }) => Key?.includes('.vol')).length).toBeGreaterThan(3)
    await rm(join(place.folder, 'archive'), { recursive: true })
    await command('restore', there, 'restored')
    const names = ['a', 'sub/b', 'new']
    const contents = (folder: string) => Promise.all(names.map((name) => readFile(join(place.folder, folder, name))))
    expect(await contents('restored')).toEqual(await contents('tree'))
    expect(await command('collection-status', there)).toContain('No orphaned or incomplete backup sets found.')
  })
})
