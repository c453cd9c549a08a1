import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** Small clients: curl, which signs by itself, and s4cmd, which uses the boto3 of its own Python. */

let place: Workplace

beforeAll(async () => {
  place = await startWorkplace({ bucketDefaults: 'current' })
  await place.journey.createBucket('curled')
  await writeFile(join(place.folder, 'file'), 'hello')
  await writeFile(join(place.folder, 'large'), randomBytes(17 << 20))
})
afterAll(() => place.stop())

describeWhere('curl', (curl) => {
  const signed = (service: string) => ['--user', 'test:test', '--aws-sigv4', `aws:amz:us-east-1:${service}`]
  const unsignedPayload = ['-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD']
  const ask = (path: string, ...parameters: string[]) =>
    place.output(curl, ['-sS', `${place.journey.endpoint}/${path}`, ...parameters])
  const s3 = (path: string, ...parameters: string[]) => ask(path, ...signed('s3'), ...unsignedPayload, ...parameters)
  const status = ['-o', '/dev/null', '-w', '%{http_code}']

  test('puts, gets, lists and deletes', async () => {
    expect(await s3('curled/a%20b', '-T', 'file', ...status)).toBe('200')
    expect(await s3('curled/a%20b')).toBe('hello')
    expect(await s3('curled?list-type=2&prefix=a')).toContain('<Key>a b</Key>')
    expect(await s3('curled/a%20b', '-X', 'DELETE', ...status)).toBe('204')
    expect(await s3('curled/a%20b')).toContain('<Code>NoSuchKey</Code>')
  })

  test('asks KMS', async () => {
    const arn = await place.journey.createKey()
    const target = ['-H', 'X-Amz-Target: TrentService.ListKeys', '-H', 'Content-Type: application/x-amz-json-1.1']
    expect(JSON.parse(await ask('', ...signed('kms'), ...target, '-d', '{}')).Keys).toMatchObject([{ KeyArn: arn }])
  })
})

describeWhere('s4cmd', (s4cmd) => {
  const command = (...parameters: string[]) =>
    place.output(s4cmd, ['--endpoint-url', place.journey.endpoint, ...parameters], { PYTHONWARNINGS: 'ignore' })

  test('puts in parts, lists, gets and deletes', async () => {
    await command('mb', 's3://by-s4cmd')
    await command(
      'put',
      '--multipart-split-size=6000000',
      '--max-singlepart-upload-size=6000000',
      'large',
      's3://by-s4cmd/large',
    )
    expect(await command('ls', 's3://by-s4cmd')).toMatch(/17825792 s3:\/\/by-s4cmd\/large$/)
    await command('get', 's3://by-s4cmd/large', 'got')
    expect((await readFile(join(place.folder, 'got'))).equals(await readFile(join(place.folder, 'large')))).toBe(true)
    await command('del', 's3://by-s4cmd/large')
    expect(await command('ls', 's3://by-s4cmd')).toBe('')
  })
})
