import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { describeWhere, findProgram, run, startWorkplace, type Workplace } from './programs.ts'

/*
 * s3fs, where FUSE may mount: files of a folder that is a bucket. Only programs touch the mounted folder: this process, which is
 * the emulator too, would wait for itself.
 */

const Bucket = 'mounted'
let place: Workplace

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current' })
  await place.journey.createBucket(Bucket)
  await mkdir(join(place.folder, 'mount'))
  await writeFile(join(place.folder, 'passwd'), 'test:test\n', { mode: 0o600 })
})
afterAll(() => place.stop())

const mayMount = existsSync('/dev/fuse') && process.getuid?.() === 0
if (findProgram('s3fs') && !mayMount) console.warn('skipped: s3fs may not mount here')

describeWhere(mayMount ? 's3fs' : 's3fs where FUSE may mount', (s3fs) => {
  const shell = (script: string) => place.output('/bin/sh', ['-ec', script])
  const there = ['-o', 'use_path_request_style', '-o', 'passwd_file=passwd', '-o', 'endpoint=us-east-1']
  beforeEach(() => place.output(s3fs, [Bucket, 'mount', '-o', `url=${place.journey.endpoint}`, ...there]))
  afterEach(() => run('/bin/sh', ['-c', 'fusermount -u mount || umount -l mount'], { cwd: place.folder }))

  test('files and folders are written, read, renamed, linked and deleted', async () => {
    await shell(`
      echo hello > mount/hello.txt
      echo again >> mount/hello.txt
      mkdir mount/folder
      head -c 23000000 /dev/urandom > large
      cp large mount/folder/large
      cmp large mount/folder/large
    `)
    const large = await place.journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'folder/large' }))
    expect(large).toMatchObject({ ContentLength: 23_000_000, ETag: expect.stringMatching(/-\d"$/) })
    await shell(`
      mv mount/folder mount/renamed
      chmod 640 mount/hello.txt
      ln -s hello.txt mount/link
    `)
    expect(await shell('cat mount/link; ls mount; stat -c %a mount/hello.txt; sha256sum < mount/renamed/large')).toBe(
      `hello\nagain\nhello.txt\nlink\nrenamed\n640\n${await shell('sha256sum < large')}`,
    )
    const { Body } = await place.journey.s3.send(new GetObjectCommand({ Bucket, Key: 'hello.txt' }))
    expect(await Body?.transformToString()).toBe('hello\nagain\n')
    await shell('rm -r mount/renamed mount/link')
    const { Contents } = await place.journey.s3.send(new ListObjectsV2Command({ Bucket }))
    expect(Contents?.map(({ Key }) => Key)).toEqual(['hello.txt'])
  })

  test('what was written is there when it is mounted again', async () => {
    expect(await shell('cat mount/hello.txt; stat -c %a mount/hello.txt')).toBe('hello\nagain\n640')
  })
})
