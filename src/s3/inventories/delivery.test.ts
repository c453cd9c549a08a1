import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { fetchFrom } from '../../protocol/http.fixture.ts'
import { createVersioned, configure as replicate, ruleTo } from '../replicas/replication.fixture.ts'
import { accountId, openS3, owner, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3('classic')
  await s3.call('PUT', '/source')
  await s3.call('PUT', '/reports')
})
afterEach(() => s3.close())

const day = 86_400_000

/** As the User Guide has it. */
const statement = (more: object = {}) => ({
  Sid: 'InventoryExamplePolicy',
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::reports/*',
  Condition: {
    ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::source' },
    StringEquals: { 'aws:SourceAccount': accountId, 's3:x-amz-acl': 'bucket-owner-full-control' },
  },
  ...more,
})

async function allow(...Statement: object[]): Promise<void> {
  const body = JSON.stringify({ Version: '2012-10-17', Statement })
  expect((await s3.call('PUT', '/reports?policy', { body })).status).toBe(204)
}

interface Asked {
  id?: string
  fields?: string[]
  frequency?: string
  versions?: string
  format?: string
  enabled?: boolean
  destination?: string
  filter?: string
}

async function configure(asked: Asked = {}): Promise<void> {
  const { id = 'all', fields = [], frequency = 'Daily', versions = 'Current', format = 'CSV', enabled = true } = asked
  const { destination = '', filter } = asked
  const body =
    `<InventoryConfiguration><Id>${id}</Id><IsEnabled>${enabled}</IsEnabled>` +
    `<IncludedObjectVersions>${versions}</IncludedObjectVersions><Schedule><Frequency>${frequency}</Frequency></Schedule>` +
    (filter === undefined ? '' : `<Filter><Prefix>${filter}</Prefix></Filter>`) +
    `<OptionalFields>${fields.map((field) => `<Field>${field}</Field>`).join('')}</OptionalFields>` +
    `<Destination><S3BucketDestination><Bucket>arn:aws:s3:::reports</Bucket><Format>${format}</Format>${destination}` +
    '</S3BucketDestination></Destination></InventoryConfiguration>'
  expect(await s3.call('PUT', `/source?inventory&id=${id}`, { body })).toMatchObject({ status: 204 })
}

async function keys(): Promise<string[]> {
  const { text } = await s3.call('GET', '/reports?list-type=2')
  return [...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key)
}

async function turnTo(days: number): Promise<void> {
  s3.ambient.turn(days * day)
  await s3.settle()
}

async function bytesOf(key: string): Promise<Buffer> {
  const request = new Request(`http://127.0.0.1/reports/${key}`)
  const session = { caller: owner, region: 'us-east-1', service: 's3' as const }
  const response = await fetchFrom(s3.endpoint, request, { session })
  return Buffer.from(await response.arrayBuffer())
}

/** The rows of the newest report, and its schema. */
async function report(): Promise<{ schema: string; rows: string[]; manifest: Record<string, unknown> }> {
  const manifestKey = (await keys()).filter((key) => key.endsWith('manifest.json')).at(-1) ?? ''
  const manifest = JSON.parse((await bytesOf(manifestKey)).toString())
  const texts = await Promise.all(
    manifest.files.map(async ({ key }: { key: string }) => gunzipSync(await bytesOf(key)).toString()),
  )
  return { schema: manifest.fileSchema, rows: texts.join('').split('\n').slice(0, -1), manifest }
}

test('A report comes at midnight: rows, links, manifest and its checksum', async () => {
  await allow(statement())
  await s3.call('PUT', '/source/a b/ü"', { body: '12345' })
  await configure({ destination: '<Prefix>inv</Prefix>' })
  await s3.settle()
  expect(await keys()).toEqual([])
  await turnTo(1)
  const midnight = new Date(Math.floor(s3.ambient.now() / day) * day).toISOString()
  const minute = midnight.slice(0, 16).replace(':', '-')
  const place = 'inv/source/all/'
  const [first, ...others] = await keys()
  expect([first, ...others.slice(0, 1)]).toEqual([
    `${place}${minute}Z/manifest.checksum`,
    `${place}${minute}Z/manifest.json`,
  ])
  const [data = '', links = ''] = others.slice(1)
  expect(data).toMatch(/^inv\/source\/all\/data\/[0-9a-f-]{36}\.csv\.gz$/)
  expect(links).toBe(`${place}hive/dt=${minute.replace('T', '-')}/symlink.txt`)
  expect((await bytesOf(links)).toString()).toBe(`s3://reports/${data}`)

  const { manifest, rows } = await report()
  expect(manifest).toMatchObject({
    sourceBucket: 'source',
    destinationBucket: 'arn:aws:s3:::reports',
    version: '2016-11-30',
    fileFormat: 'CSV',
    fileSchema: 'Bucket, Key',
    creationTimestamp: String(s3.ambient.now()),
    files: [{ key: data, size: (await bytesOf(data)).length, MD5checksum: expect.stringMatching(/^[0-9a-f]{32}$/) }],
  })
  expect(rows).toEqual(['"source","a%20b%2F%C3%BC%22"'])
  const head = await s3.call('HEAD', `/reports/${first}`)
  const manifestHead = await s3.call('HEAD', `/reports/${place}${minute}Z/manifest.json`)
  expect((await bytesOf(first ?? '')).toString()).toBe(manifestHead.headers.get('etag')?.replaceAll('"', ''))
  expect(head.headers.get('content-type')).toBe('text/plain')
})

test('What was replicated, is a replica or could not be is read in it', async () => {
  await allow(statement())
  for (const bucket of ['target', 'lost']) await createVersioned(s3, bucket)
  await createVersioned(s3, 'source')
  await replicate(s3, 'source', ruleTo('target') + ruleTo('lost', { priority: 1, filter: '<Prefix>f</Prefix>' }))
  await s3.call('DELETE', '/lost')
  for (const key of ['failed', 'replicated']) await s3.call('PUT', `/source/${key}`, { body: 'x' })
  await configure({ fields: ['ReplicationStatus'] })
  await turnTo(1)
  expect((await report()).rows).toEqual(['"source","failed","FAILED"', '"source","replicated","COMPLETED"'])
})

test('Which objects are not encrypted is read in it', async () => {
  await allow(statement())
  const sse = (value: string) => ({ headers: { 'x-amz-server-side-encryption': value }, body: 'x' })
  await s3.call('PUT', '/source/none', { body: 'x' })
  await s3.call('PUT', '/source/s3', sse('AES256'))
  await s3.call('PUT', '/source/kms', sse('aws:kms'))
  await s3.call('PUT', '/source/dsse', sse('aws:kms:dsse'))
  const bucketKey = {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-bucket-key-enabled': 'true',
  }
  await s3.call('PUT', '/source/bucket-key', { headers: bucketKey, body: 'x' })
  await configure({ fields: ['BucketKeyStatus', 'EncryptionStatus'] })
  await turnTo(1)
  const { schema, rows } = await report()
  expect(schema).toBe('Bucket, Key, EncryptionStatus, BucketKeyStatus')
  expect(rows).toEqual([
    '"source","bucket-key","SSE-KMS","ENABLED"',
    '"source","dsse","DSSE-KMS","DISABLED"',
    '"source","kms","SSE-KMS","DISABLED"',
    '"source","none","NOT-SSE",""',
    '"source","s3","SSE-S3",""',
  ])
})

test('The optional fields come in AWS’s order and form', async () => {
  await allow(statement())
  await s3.call('PUT', '/source/k', { body: '12345', headers: { 'x-amz-storage-class': 'INTELLIGENT_TIERING' } })
  const fields =
    'ObjectOwner ObjectAccessControlList ChecksumAlgorithm IntelligentTieringAccessTier IsMultipartUploaded StorageClass ETag LastModifiedDate Size ReplicationStatus ObjectLockMode'
  await configure({ fields: fields.split(' ') })
  const written = new Date(s3.ambient.now()).toISOString()
  await turnTo(1)
  const { schema, rows } = await report()
  expect(schema).toBe(
    'Bucket, Key, Size, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded, ReplicationStatus, ObjectLockMode, ' +
      'IntelligentTieringAccessTier, ChecksumAlgorithm, ObjectAccessControlList, ObjectOwner',
  )
  const cells = rows[0]?.slice(1, -1).split('","') ?? []
  expect(cells.slice(2, 11)).toEqual([
    '5',
    written,
    '827ccb0eea8a706c4c34a16891f84e7b',
    'INTELLIGENT_TIERING',
    'false',
    '',
    '',
    'FREQUENT',
    'CRC64NVME',
  ])
  const acl = JSON.parse(Buffer.from(cells[11] ?? '', 'base64').toString())
  expect(acl).toEqual({
    version: '2022-11-10',
    status: 'AVAILABLE',
    grants: [{ canonicalId: cells[12], type: 'Canonical', permission: 'FULL_CONTROL' }],
  })
})

test('All versions are listed with delete markers, the current ones without', async () => {
  await allow(statement())
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/source/old', { body: 'null version' })
  await s3.call('PUT', '/source?versioning', { body: versioning })
  await s3.call('PUT', '/source/old', { body: '1' })
  await s3.call('PUT', '/source/gone', { body: '1' })
  await s3.call('DELETE', '/source/gone')
  await configure({ versions: 'All', fields: ['Size'] })
  await turnTo(1)
  const all = await report()
  expect(all.schema).toBe('Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size')
  const shown = all.rows.map((row) => row.replace(/"[\w.]{32}"/, '"ID"'))
  expect(shown).toEqual([
    '"source","gone","ID","true","true",""',
    '"source","gone","ID","false","false","1"',
    '"source","old","ID","true","false","1"',
    '"source","old","","false","false","12"',
  ])
  await configure({ versions: 'Current', fields: ['Size'] })
  await turnTo(1)
  expect((await report()).rows).toEqual(['"source","old","1"'])
})

test('The date of expiry is that of the rule that comes first, of current versions', async () => {
  await allow(statement())
  const rule = (prefix: string, days: number) =>
    `<Rule><Filter><Prefix>${prefix}</Prefix></Filter><Status>Enabled</Status><Expiration><Days>${days}</Days></Expiration></Rule>`
  const body = `<LifecycleConfiguration>${rule('old', 9)}${rule('older', 5)}</LifecycleConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  expect(await s3.call('PUT', '/source?lifecycle', { body, headers })).toMatchObject({ status: 200 })
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/source?versioning', { body: versioning })
  const midnight = Math.ceil(s3.ambient.now() / day) * day
  for (const key of ['new', 'old', 'older', 'older']) await s3.call('PUT', `/source/${key}`, { body: 'x' })
  await configure({ versions: 'All', fields: ['LifecycleExpirationDate'] })
  await turnTo(1)
  const dates = (await report()).rows.map((row) => [row.split('","')[1], row.split('","')[5]?.slice(0, -1)])
  const after = (days: number) => new Date(midnight + days * day).toISOString()
  expect(dates).toEqual([
    ['new', ''],
    ['old', after(9)],
    ['older', after(5)],
    ['older', ''],
  ])
})

test('Many keys are all there, once each, in order, and those of the prefix alone', async () => {
  await allow(statement())
  const names = Array.from({ length: 1203 }, (_, index) => `logs/${String(index).padStart(5, '0')}`)
  for (const name of names) await s3.call('PUT', `/source/${name}`, { body: '' })
  await s3.call('PUT', '/source/other', { body: '' })
  await configure({ filter: 'logs/' })
  await turnTo(1)
  expect((await report()).rows).toEqual(names.map((name) => `"source","${encodeURIComponent(name)}"`))
})

test('A daily report comes every day, a weekly one on Sundays after the first; days that passed unseen give one', async () => {
  await allow(statement())
  const monday = Date.parse('2026-11-30T12:00:00Z')
  s3.ambient.turn(monday - s3.ambient.now())
  await configure({ id: 'daily' })
  await configure({ id: 'weekly', frequency: 'Weekly' })
  const reports = async (id: string) =>
    (await keys())
      .filter((key) => key.startsWith(`source/${id}/2`) && key.endsWith('.json'))
      .map((key) => key.split('/')[2])
  await turnTo(1)
  await turnTo(1)
  await turnTo(4)
  expect(await reports('daily')).toEqual(['2026-12-01T00-00Z', '2026-12-02T00-00Z', '2026-12-06T00-00Z'])
  expect(await reports('weekly')).toEqual(['2026-12-01T00-00Z', '2026-12-06T00-00Z'])
})

test.each<[string, Asked, () => Promise<void>]>([
  ['no policy lets S3 in', {}, () => Promise.resolve()],
  [
    'the policy is for another source',
    {},
    () => allow(statement({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::x' } } })),
  ],
  ['it is not enabled', { enabled: false }, () => allow(statement())],
  ['it is asked for in ORC', { format: 'ORC' }, () => allow(statement())],
  [
    'the destination is of another account',
    { destination: '<AccountId>999999999999</AccountId>' },
    () => allow(statement()),
  ],
])('Nothing is delivered where %s', async (_why, asked, prepare) => {
  await prepare()
  await configure(asked)
  await turnTo(1)
  expect(await keys()).toEqual([])
})

test('A configuration that was deleted gives no more reports', async () => {
  await allow(statement())
  await configure()
  expect((await s3.call('DELETE', '/source?inventory&id=all')).status).toBe(204)
  await turnTo(1)
  expect(await keys()).toEqual([])
})

test('Reports are encrypted as the configuration says', async () => {
  await allow(statement())
  await configure({ destination: '<Encryption><SSE-S3/></Encryption>' })
  await turnTo(1)
  const [key] = await keys()
  expect((await s3.call('HEAD', `/reports/${key}`)).headers.get('x-amz-server-side-encryption')).toBe('AES256')
})
