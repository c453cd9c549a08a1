import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { region } from '../emulator.ts'
import { awsEnvironment, describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** pgBackRest, whose client for S3 is its own, over TLS with the emulator's certificate: files of a repository, without PostgreSQL. */

const Bucket = 'repository'
let place: Workplace

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current', tls: true })
  await place.journey.createBucket(Bucket)
  const settings = {
    'log-path': place.folder,
    'lock-path': place.folder,
    'repo1-type': 's3',
    'repo1-path': '/backups',
    'repo1-s3-bucket': Bucket,
    'repo1-s3-endpoint': 'localhost',
    'repo1-s3-region': region,
    'repo1-s3-key': 'test',
    'repo1-s3-key-secret': 'test',
    'repo1-s3-kms-key-id': await place.journey.createKey(),
    'repo1-s3-uri-style': 'path',
    'repo1-storage-port': place.journey.port,
    'repo1-storage-ca-file': awsEnvironment(place.journey, place.folder).AWS_CA_BUNDLE,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(place.folder, 'pgbackrest.conf'), `[global]\n${lines.join('')}`)
  await writeFile(join(place.folder, 'large'), randomBytes(11 << 20))
})
afterAll(() => place.stop())

describeWhere('pgbackrest', (pgbackrest) => {
  const shell = (script: string) =>
    place.output('/bin/sh', ['-ec', script], { PGBACKREST_CONFIG: join(place.folder, 'pgbackrest.conf') })

  test('files are put in parts under a KMS key, listed, read and removed', async () => {
    await shell(`echo hello | ${pgbackrest} repo-put archive/hello; ${pgbackrest} repo-put archive/large < large`)
    expect(await shell(`${pgbackrest} repo-ls archive`)).toBe('hello\nlarge')
    expect(
      await shell(`${pgbackrest} repo-get archive/hello; ${pgbackrest} repo-get archive/large | cmp - large`),
    ).toBe('hello')
    const large = await place.journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'backups/archive/large' }))
    expect(large).toMatchObject({ ServerSideEncryption: 'aws:kms', ETag: expect.stringMatching(/-3"$/) })
    await shell(`${pgbackrest} repo-rm --recurse archive`)
    expect(await shell(`${pgbackrest} repo-ls`)).toBe('')
  })
})
