import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/** s3cmd, which shares no code with AWS's own, signs by SigV4 and presigns by SigV2. */

let place: Workplace

beforeAll(async () => {
  place = await startWorkplace()
  const host = place.journey.endpoint.replace('http://', '')
  const settings = { access_key: 'test', secret_key: 'test', host_base: host, host_bucket: host, use_https: 'False' }
  const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  await writeFile(join(place.folder, 's3cfg'), `[default]\n${text.join('')}`)
  await mkdir(join(place.folder, 'tree/sub'), { recursive: true })
  await writeFile(join(place.folder, 'tree/a.txt'), 'a')
  await writeFile(join(place.folder, 'tree/sub/ü +.txt'), 'b')
  await writeFile(join(place.folder, 'large'), randomBytes(11 << 20))
})
afterAll(() => place.stop())

const withoutSignature = async (path: string) => (await fetch(`${place.journey.endpoint}/${path}`)).status

describeWhere('s3cmd', (s3cmd) => {
  const command = (...parameters: string[]) => place.output(s3cmd, ['-c', 's3cfg', '--no-progress', ...parameters])
  const complaint = (...parameters: string[]) => place.complaint(s3cmd, ['-c', 's3cfg', ...parameters])

  test('makes a bucket, puts in parts, gets, copies, moves and deletes', async () => {
    expect(await command('mb', 's3://s3cmd')).toBe("Bucket 's3://s3cmd/' created")
    await command('put', '--multipart-chunk-size-mb=5', 'large', 's3://s3cmd/large')
    const large = { Bucket: 's3cmd', Key: 'large' }
    expect((await place.journey.s3.send(new HeadObjectCommand(large))).ETag).toMatch(/-3"$/)
    await command('cp', 's3://s3cmd/large', 's3://s3cmd/copy')
    await command('mv', 's3://s3cmd/copy', 's3://s3cmd/moved')
    await command('get', 's3://s3cmd/moved', 'got')
    expect((await readFile(join(place.folder, 'got'))).equals(await readFile(join(place.folder, 'large')))).toBe(true)
    expect(await command('ls', 's3://s3cmd')).toMatch(/s3:\/\/s3cmd\/large\n.*s3:\/\/s3cmd\/moved$/)
    expect(await command('info', 's3://s3cmd/moved')).toMatch(/File size: 11534336\n/)
    expect(await complaint('info', 's3://s3cmd/copy')).toContain('404 (NoSuchKey)')
    expect(await complaint('rb', 's3://s3cmd')).toContain('(BucketNotEmpty)')
    await command('del', '--recursive', '--force', 's3://s3cmd')
    await command('rb', 's3://s3cmd')
  })

  test('syncs both ways', async () => {
    await command('mb', 's3://synced')
    await command('sync', 'tree/', 's3://synced/tree/')
    expect(await command('sync', 'tree/', 's3://synced/tree/')).toBe('')
    await rm(join(place.folder, 'tree/a.txt'))
    await command('sync', '--delete-removed', 'tree/', 's3://synced/tree/')
    await mkdir(join(place.folder, 'back'))
    await command('sync', 's3://synced/tree/', 'back/')
    expect(await readFile(join(place.folder, 'back/sub/ü +.txt'), 'utf8')).toBe('b')
    expect(await command('du', 's3://synced')).toMatch(/^ +1 +1 objects/)
  })

  test('sets ACLs, tags, headers and presigned URLs', async () => {
    await command('mb', 's3://opened')
    await writeFile(join(place.folder, 'page'), 'page')
    await command('put', '--add-header=x-amz-tagging:kind=page&of=b', 'page', 's3://opened/page')
    const page = { Bucket: 'opened', Key: 'page' }
    const { TagSet } = await place.journey.s3.send(new GetObjectTaggingCommand(page))
    expect(TagSet).toEqual([
      { Key: 'kind', Value: 'page' },
      { Key: 'of', Value: 'b' },
    ])
    expect(await withoutSignature('opened/page')).toBe(403)
    const presigned = await command('signurl', 's3://opened/page', '+100')
    expect(await (await fetch(presigned)).text()).toBe('page')
    await command('setacl', '--acl-public', 's3://opened/page')
    expect(await withoutSignature('opened/page')).toBe(200)
    await command('modify', '--add-header=Cache-Control: no-cache', 's3://opened/page')
    const head = await place.journey.s3.send(new HeadObjectCommand(page))
    expect(head).toMatchObject({ CacheControl: 'no-cache', TagCount: 2 })
    // What it modifies it copies onto itself, and gives it the ACL that it had.
    expect(await withoutSignature('opened/page')).toBe(200)
    await command('setacl', '--acl-private', 's3://opened/page')
    expect(await withoutSignature('opened/page')).toBe(403)
  })

  test('sets, reads and deletes lifecycle, policy, CORS and website of a bucket', async () => {
    await command('mb', 's3://configured')
    await command('expire', 's3://configured', '--expiry-days=10', '--expiry-prefix=log/')
    expect(await command('info', 's3://configured')).toContain(
      "objects with key prefix 'log/' will expire in '10' day(s)",
    )
    const rule = '<ID>x</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>'
    const days = '<Expiration><Days>3</Days></Expiration>'
    const lifecycle = `<LifecycleConfiguration><Rule>${rule}${days}</Rule></LifecycleConfiguration>`
    await writeFile(join(place.folder, 'lifecycle.xml'), lifecycle)
    await command('setlifecycle', 'lifecycle.xml', 's3://configured')
    expect(await command('getlifecycle', 's3://configured')).toMatch(/<Prefix>tmp\/<\/Prefix>[\s\S]*<Days>3<\/Days>/)
    await command('dellifecycle', 's3://configured')
    expect(await complaint('getlifecycle', 's3://configured')).toContain('404 (NoSuchLifecycleConfiguration)')
    const cors = '<AllowedOrigin>https://app.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>'
    await writeFile(
      join(place.folder, 'cors.xml'),
      `<CORSConfiguration><CORSRule>${cors}</CORSRule></CORSConfiguration>`,
    )
    await command('setcors', 'cors.xml', 's3://configured')
    const Resource = 'arn:aws:s3:::configured/*'
    const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource }
    await writeFile(
      join(place.folder, 'policy.json'),
      JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    )
    await command('setpolicy', 'policy.json', 's3://configured')
    const information = await command('info', 's3://configured')
    expect(information).toContain('<AllowedOrigin>https://app.example</AllowedOrigin>')
    expect(information).toContain(`"Resource":"${Resource}"`)
    await command('delcors', 's3://configured')
    await command('delpolicy', 's3://configured')
    await command('ws-create', 's3://configured', '--ws-index=front.html')
    expect(await command('ws-info', 's3://configured')).toContain('Index document:   front.html')
    await command('ws-delete', 's3://configured')
  })

  test('sets no ACL in a bucket without them', async () => {
    const ObjectOwnership = 'BucketOwnerEnforced'
    await place.journey.s3.send(new CreateBucketCommand({ Bucket: 'of-today', ObjectOwnership }))
    await command('put', 'tree/sub/ü +.txt', 's3://of-today/b')
    expect(await complaint('setacl', '--acl-public', 's3://of-today/b')).toContain(
      '400 (AccessControlListNotSupported): The bucket does not allow ACLs',
    )
  })
})
