import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeadObjectCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { region } from '../emulator.ts'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** rclone: folders and buckets kept the same, its own view of versions, storage classes and archives. */

let place: Workplace
let tree: string

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current' })
  tree = join(place.folder, 'tree')
  await mkdir(join(tree, 'sub'), { recursive: true })
  for (const name of ['a', 'b', 'sub/ü +&%41.txt']) await writeFile(join(tree, name), randomBytes(100_000))
})
afterAll(() => place.stop())

async function versionedBucket(Bucket: string): Promise<string> {
  await place.journey.createBucket(Bucket)
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await place.journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  return Bucket
}
const head = (Bucket: string, Key: string) => place.journey.s3.send(new HeadObjectCommand({ Bucket, Key }))

describeWhere('rclone', (rclone) => {
  const environment = () => ({
    RCLONE_CONFIG: join(place.folder, 'rclone.conf'),
    RCLONE_CONFIG_HERE_TYPE: 's3',
    // AWS as its provider would put the bucket before the host's name.
    RCLONE_CONFIG_HERE_PROVIDER: 'Other',
    RCLONE_CONFIG_HERE_ENDPOINT: place.journey.endpoint,
    RCLONE_CONFIG_HERE_REGION: region,
    RCLONE_CONFIG_HERE_ACCESS_KEY_ID: 'test',
    RCLONE_CONFIG_HERE_SECRET_ACCESS_KEY: 'test',
    RCLONE_RETRIES: '1',
    RCLONE_LOW_LEVEL_RETRIES: '1',
  })
  const remote = (...parameters: string[]) => place.output(rclone, parameters, environment())
  const lines = async (...parameters: string[]) => (await remote(...parameters)).split('\n').sort()

  test('syncs both ways, and shows what it wrote over and deleted', async () => {
    const there = `here:${await versionedBucket('rclone-versions')}/tree`
    await remote('sync', tree, there)
    // Lists tell whole seconds.
    const before = new Date(place.journey.ambient.now() + 5000).toISOString()
    place.journey.turn(10_000)
    await writeFile(join(tree, 'a'), randomBytes(5000))
    await rm(join(tree, 'b'))
    await remote('sync', tree, there)
    await remote('check', tree, there)
    await remote('check', tree, there, '--download')
    const files = ['lsf', '-R', '--files-only', there]
    const odd = 'sub/ü +&%41.txt'
    expect(await lines(...files)).toEqual(['a', odd])
    expect(await lines(...files, '--s3-versions')).toEqual([
      'a',
      expect.stringMatching(/^a-v\d/),
      expect.stringMatching(/^b-v\d/),
      odd,
    ])
    expect(await lines(...files, '--s3-version-at', before)).toEqual(['a', 'b', odd])
    await remote('sync', there, join(place.folder, 'back'))
    expect((await readdir(join(place.folder, 'back'), { recursive: true })).sort()).toEqual(['a', 'sub', odd])
    await remote('backend', 'cleanup-hidden', there)
    expect(await lines(...files, '--s3-versions')).toEqual(['a', odd])
  })

  test('sends in parts, and copies and moves on the server, in parts too', async () => {
    const bucket = await place.journey.createBucket('rclone-parts')
    const file = join(place.folder, 'large')
    await writeFile(file, randomBytes(12 << 20))
    const parts = ['--s3-chunk-size', '5M', '--s3-upload-cutoff', '6M', '--s3-copy-cutoff', '6M']
    await remote('copyto', file, `here:${bucket}/large`, ...parts)
    expect((await head(bucket, 'large')).ETag).toMatch(/-3"$/)
    await remote('copyto', `here:${bucket}/large`, `here:${bucket}/in-parts`, ...parts)
    expect((await head(bucket, 'in-parts')).ETag).toMatch(/-2"$/)
    await remote('moveto', `here:${bucket}/large`, `here:${bucket}/moved`)
    expect(await lines('lsf', `here:${bucket}`)).toEqual(['in-parts', 'moved'])
    // What it was modified at, and its MD5, are metadata that copies carry.
    const [sum] = (await remote('hashsum', 'md5', file)).split(' ')
    expect(await lines('hashsum', 'md5', `here:${bucket}`)).toEqual([`${sum}  in-parts`, `${sum}  moved`])
    await remote('copyto', `here:${bucket}/moved`, join(place.folder, 'got'))
    expect((await readFile(join(place.folder, 'got'))).equals(await readFile(file))).toBe(true)
    await remote('purge', `here:${bucket}`)
    expect(await remote('lsf', 'here:', '--include', '/rclone-parts/')).toBe('')
  })

  test('presigns, archives and restores', async () => {
    const bucket = await place.journey.createBucket('rclone-classes')
    const keyArn = await place.journey.createKey()
    const kms = ['--s3-server-side-encryption', 'aws:kms', '--s3-sse-kms-key-id', keyArn]
    await remote('copyto', join(tree, 'a'), `here:${bucket}/a`, ...kms, '--s3-storage-class', 'STANDARD_IA')
    expect(await head(bucket, 'a')).toMatchObject({ SSEKMSKeyId: keyArn, StorageClass: 'STANDARD_IA' })
    const link = await fetch(await remote('link', `here:${bucket}/a`))
    expect(Buffer.from(await link.arrayBuffer()).equals(await readFile(join(tree, 'a')))).toBe(true)
    await remote('settier', 'GLACIER', `here:${bucket}/a`)
    expect(await remote('lsf', '-F', 'pT', `here:${bucket}`)).toBe('a;GLACIER')
    expect(await place.complaint(rclone, ['cat', `here:${bucket}/a`], environment())).toContain(
      'Object in GLACIER, restore first',
    )
    const restore = ['backend', 'restore', `here:${bucket}`, '-o', 'priority=Standard', '-o', 'lifetime=1']
    expect(JSON.parse(await remote(...restore))).toEqual([{ Status: 'OK', Remote: 'a' }])
    expect((await head(bucket, 'a')).Restore).toBe('ongoing-request="true"')
  })
})
