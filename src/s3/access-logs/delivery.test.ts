import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3('current')
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/logs')
})
afterEach(() => s3.close())

const service = { Service: 'logging.s3.amazonaws.com' }
const grant = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: service,
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::logs/*',
  ...more,
})

async function allow(...statements: object[]): Promise<void> {
  const body = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  expect((await s3.call('PUT', '/logs?policy', { body })).status).toBe(204)
}

async function switchOn(target = 'logs', more = '', source = 'bucket'): Promise<void> {
  const enabled = `<TargetBucket>${target}</TargetBucket><TargetPrefix>p/</TargetPrefix>${more}`
  const body = `<BucketLoggingStatus><LoggingEnabled>${enabled}</LoggingEnabled></BucketLoggingStatus>`
  expect((await s3.call('PUT', `/${source}?logging`, { body })).status).toBe(200)
}

/** Operations, keys and statuses of the lines that were delivered, in the order of time. */
async function delivered(target = 'logs'): Promise<string[]> {
  await s3.settle()
  const list = await s3.call('GET', `/${target}?list-type=2&prefix=p/`)
  const keys = [...list.text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key)
  const texts = await Promise.all(keys.map(async (key) => (await s3.call('GET', `/${target}/${key}`)).text))
  const lines = texts.join('').split('\n').slice(0, -1)
  return lines.map((line) => {
    const fields = line.match(/\[[^\]]*\]|"[^"]*"|\S+/g) ?? []
    return `${fields[6]} ${fields[7]} ${fields[9]} ${fields[10]} ${fields[11]} ${fields[12]}`
  })
}

test('Every request for a logged bucket is a line in an object of its target, refusals too', async () => {
  await allow(
    grant({
      Condition: {
        StringEquals: { 'aws:SourceAccount': accountId },
        ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::bucket' },
      },
    }),
  )
  await s3.call('PUT', '/bucket/before', { body: 'x' })
  await switchOn()
  await s3.call('PUT', '/bucket/a b', { body: '12345' })
  await s3.call('GET', '/bucket/a b')
  await s3.call('GET', '/bucket/a b', { headers: { range: 'bytes=1-2' } })
  await s3.call('GET', '/bucket/none')
  await s3.call('GET', '/bucket/a b', { caller: 'anonymous' })
  await s3.call('HEAD', '/bucket/a b')
  await s3.call('DELETE', '/bucket/a b')
  const lines = await delivered()
  expect(lines.map((line) => line.replace(/ \d+ -$/, ' N -'))).toEqual([
    'REST.PUT.LOGGING_STATUS - 200 - - -',
    'REST.PUT.OBJECT a%2520b 200 - - 5',
    'REST.GET.OBJECT a%2520b 200 - 5 5',
    'REST.GET.OBJECT a%2520b 206 - 2 5',
    'REST.GET.OBJECT none 404 NoSuchKey N -',
    'REST.GET.OBJECT a%2520b 403 AccessDenied N -',
    'REST.HEAD.OBJECT a%2520b 200 - - 5',
    'REST.DELETE.OBJECT a%2520b 204 - - -',
  ])
  expect(await delivered()).toHaveLength(8)
})

test('A copy is a line in the log of its source too, DeleteObjects one for each key', async () => {
  await allow(grant())
  await s3.call('PUT', '/other')
  await s3.call('PUT', '/bucket/a', { body: '12345' })
  await switchOn()
  await s3.call('PUT', '/other/b', { headers: { 'x-amz-copy-source': '/bucket/a' } })
  const body = '<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object><Quiet>true</Quiet></Delete>'
  const md5 = { 'content-md5': '7v7RhociCHaOK9XtKh8oSg==' }
  expect((await s3.call('POST', '/bucket?delete', { body, headers: md5 })).status).toBe(200)
  const lines = (await delivered()).map((line) => line.split(' ').slice(0, 3).join(' '))
  expect(lines.sort()).toEqual([
    'BATCH.DELETE.OBJECT a 204',
    'BATCH.DELETE.OBJECT none 204',
    'REST.COPY.OBJECT_GET a 200',
    'REST.POST.MULTI_OBJECT_DELETE - 200',
    'REST.PUT.LOGGING_STATUS - 200',
  ])
})

test.each([
  ['no policy lets the service in', () => Promise.resolve()],
  [
    'the policy is for another source',
    () => allow(grant({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::x' } } })),
  ],
  ['the policy denies it', () => allow(grant(), grant({ Effect: 'Deny' }))],
  [
    'the default encryption is SSE-KMS',
    async () => {
      await allow(grant())
      const body =
        '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>' +
        '</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>'
      expect((await s3.call('PUT', '/logs?encryption', { body })).status).toBe(200)
    },
  ],
  [
    'new versions are locked',
    async () => {
      await allow(grant())
      const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
      expect((await s3.call('PUT', '/logs?versioning', { body: versioning })).status).toBe(200)
      const body =
        '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode>' +
        '<Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>'
      const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
      expect((await s3.call('PUT', '/logs?object-lock', { body, headers })).status).toBe(200)
    },
  ],
  [
    'the requester pays',
    async () => {
      await allow(grant())
      const body = '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>'
      expect((await s3.call('PUT', '/logs?requestPayment', { body })).status).toBe(200)
    },
  ],
])('Nothing is delivered where %s, and the lines are gone', async (_why, prepare) => {
  await prepare()
  await switchOn()
  await s3.call('PUT', '/bucket/k', { body: 'x' })
  expect(await delivered()).toEqual([])
  await s3.call('DELETE', '/logs?encryption')
  const owner = '<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>'
  await s3.call('PUT', '/logs?requestPayment', { body: owner })
  await allow(grant())
  expect(await delivered()).toEqual([])
})

test('With ACLs the log delivery group writes, and target grants are those of the objects', async () => {
  await s3.call('PUT', '/acls', { headers: { 'x-amz-object-ownership': 'ObjectWriter' } })
  expect((await s3.call('PUT', '/acls?acl', { headers: { 'x-amz-acl': 'log-delivery-write' } })).status).toBe(200)
  const grantee = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${'a'.repeat(64)}</ID>`
  await switchOn(
    'acls',
    `<TargetGrants><Grant><Grantee ${grantee}</Grantee><Permission>READ</Permission></Grant></TargetGrants>`,
  )
  await s3.call('PUT', '/bucket/k', { body: 'x' })
  expect(await delivered('acls')).toHaveLength(2)
  const [, key] = /<Key>(.*?)<\/Key>/.exec((await s3.call('GET', '/acls?list-type=2')).text) ?? []
  const acl = await s3.call('GET', `/acls/${key}?acl`)
  expect(acl.text).toContain(`<ID>${'a'.repeat(64)}</ID>`)
  expect(acl.text).toContain('<Permission>FULL_CONTROL</Permission>')
})

test('Switched off, nothing more is a line; what waits is dropped', async () => {
  await allow(grant())
  await switchOn()
  await s3.call('PUT', '/bucket/k', { body: 'x' })
  await s3.call('PUT', '/bucket?logging', { body: '<BucketLoggingStatus/>' })
  await s3.call('GET', '/bucket/k')
  expect(await delivered()).toEqual([])
})

test('A bucket that logs into itself logs its deliveries: one more a round', async () => {
  await allow(grant())
  await switchOn('logs', '', 'logs')
  expect(await delivered()).toHaveLength(1)
  const lines = await delivered()
  expect(lines.some((line) => line.startsWith('REST.PUT.OBJECT p/') && line.includes(' 200 '))).toBe(true)
})
