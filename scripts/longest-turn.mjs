// The longest turn of the event loop that one request takes: the worst documents that are allowed, or nearly, sent one after
// another to the built library. While a turn lasts, nobody else is served. `npm run build && node scripts/longest-turn.mjs [PART
// OF A NAME]` prints a row for each and fails where one takes more than 50 ms. Of three attempts the shortest counts: another
// process may spoil one.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { configurationRows } from './longest-turn/configurations.mjs'
import { watchTurns } from './longest-turn/watch-turns.mjs'

const longestAllowed = 50
const attempts = 3

/** The emulator in a process of its own: `mark` begins a measurement, `report` ends it. */
async function serve() {
  const { startEmulator } = await import(new URL('../dist/s3kms-emu.cjs', import.meta.url))
  const emulator = await startEmulator({ ephemeral: true, port: 0, logLevel: 'error' })
  const turns = watchTurns()
  process.on('message', (word) => {
    if (word === 'mark') turns.reset()
    // A turn later, so that the last one has been seen.
    setTimeout(() => process.send({ longest: turns.longest() }), 5)
  })
  process.on('disconnect', () => process.exit())
  process.send({ port: emulator.port })
}

async function measure(only = '') {
  const server = fork(fileURLToPath(import.meta.url), ['serve'])
  const [{ port }] = await once(server, 'message')
  const ask = async (word) => {
    server.send(word)
    const [{ longest }] = await once(server, 'message')
    return longest
  }
  const context = await prepare(port)
  let isTooLong = false
  for (const [name, make] of Object.entries(rows).filter(([name]) => name.includes(only))) {
    const made = make(context)
    let shortest = Number.POSITIVE_INFINITY
    let status = 0
    for (let attempt = 0; attempt < attempts; attempt++) {
      await ask('mark')
      const answer = await send(port, made)
      status = answer.status
      shortest = Math.min(shortest, await ask('report'))
    }
    isTooLong ||= shortest > longestAllowed
    console.log(`${shortest.toFixed(1).padStart(8)} ms  ${status}  ${name}`)
  }
  server.disconnect()
  process.exitCode = isTooLong ? 1 : 0
}

const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')

/** A request of a key that is taken at its word. */
function claimed(service, method, path, body, headers = {}) {
  const names = [
    'host',
    'x-amz-content-sha256',
    'x-amz-date',
    ...Object.keys(headers).filter((name) => name.startsWith('x-amz-')),
  ]
  const scope = `test/${date.slice(0, 8)}/us-east-1/${service}/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=anybody/${scope.slice(5)}, SignedHeaders=${names.sort().join(';')}, Signature=${'0'.repeat(64)}`
  const own = { 'x-amz-date': date, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', authorization }
  return { method, path, body: Buffer.from(body), headers: { ...own, ...headers } }
}

const kms = (operation, input) =>
  claimed('kms', 'POST', '/', typeof input === 'string' ? input : JSON.stringify(input), {
    'x-amz-target': `TrentService.${operation}`,
    'content-type': 'application/x-amz-json-1.1',
  })

function send(port, { method, path, body, headers }) {
  return new Promise((resolve, reject) => {
    const sent = request({ port, method, path, headers: { ...headers, 'content-length': body.length } }, (answer) => {
      const pieces = []
      answer.on('data', (piece) => pieces.push(piece))
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(pieces).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** What the rows need: a key, a bucket, an upload of 10,000 parts (its parts too small: all are looked at all the same), keys that rotate. */
async function prepare(port) {
  const { KeyMetadata } = JSON.parse((await send(port, kms('CreateKey', {}))).text)
  await send(port, claimed('s3', 'PUT', '/bucket', ''))
  for (const bucket of ['bkt', 'cfg', 'mirror']) {
    await send(port, claimed('s3', 'PUT', `/${bucket}`, ''))
    const versioning = xml('VersioningConfiguration', '<Status>Enabled</Status>')
    if (bucket !== 'bkt') await send(port, documented('PUT', `/${bucket}?versioning`, versioning))
  }
  const encryption = { 'x-amz-server-side-encryption': 'aws:kms' }
  const begun = await send(port, claimed('s3', 'POST', '/bucket/key?uploads', '', encryption))
  const [, uploadId] = /<UploadId>(.*?)</.exec(begun.text)
  const etags = []
  for (let number = 1; number <= 10_000; number++) {
    const part = await send(port, claimed('s3', 'PUT', `/bucket/key?partNumber=${number}&uploadId=${uploadId}`, 'x'))
    etags.push(part.headers.etag)
  }
  for (let key = 0; key < 40; key++) {
    const { KeyMetadata } = JSON.parse((await send(port, kms('CreateKey', {}))).text)
    await send(port, kms('EnableKeyRotation', { KeyId: KeyMetadata.KeyId, RotationPeriodInDays: 90 }))
  }
  return { keyId: KeyMetadata.KeyId, uploadId, etags }
}

const many = (count, make) => Array.from({ length: count }, (_, index) => make(index))
const xml = (root, content) => `<${root}>${content}</${root}>`
/** Documents that need a checksum carry it. */
function summed(body) {
  const digest = Buffer.alloc(4)
  digest.writeUInt32BE(crc32(body))
  return { 'x-amz-checksum-crc32': digest.toString('base64') }
}
/** Beginnings of policy variables that never end. */
const openings = String.fromCharCode(36, 123).repeat(15_000)
const statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' }
const policy = (more) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Sid: 'root' }, ...[more].flat()] })
const documented = (method, path, body) => claimed('s3', method, path, body, summed(body))

const variable = (name) => `${String.fromCharCode(36)}{${name}}`

/** A bucket policy of a Deny, which nobody meets, and a request that it is weighed for. */
function underPolicies(cases) {
  const both = ['arn:aws:s3:::bkt', 'arn:aws:s3:::bkt/*']
  const documentOf = (statement) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: '*', Resource: both, ...statement }],
    })
  return Object.fromEntries(
    Object.entries(cases).flatMap(([name, [statement, asked]]) => [
      [`a bucket policy: ${name}`, () => documented('PUT', '/bkt?policy', documentOf(statement))],
      [`a request under a bucket policy: ${name}`, () => asked],
    ]),
  )
}

const rows = {
  'Complete with 10,000 parts': ({ uploadId, etags }) =>
    claimed(
      's3',
      'POST',
      `/bucket/key?uploadId=${uploadId}`,
      xml(
        'CompleteMultipartUpload',
        etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`).join(''),
      ),
    ),
  'Complete of 100,000 parts': ({ uploadId }) =>
    claimed(
      's3',
      'POST',
      `/bucket/key?uploadId=${uploadId}`,
      xml('CompleteMultipartUpload', '<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>'.repeat(100_000)),
    ),
  'Complete, 8 MiB of comments': ({ uploadId }) =>
    claimed(
      's3',
      'POST',
      `/bucket/key?uploadId=${uploadId}`,
      xml('CompleteMultipartUpload', '<!---->'.repeat(1_190_000)),
    ),
  'Complete, one comment of 8 MiB': ({ uploadId }) =>
    claimed(
      's3',
      'POST',
      `/bucket/key?uploadId=${uploadId}`,
      xml('CompleteMultipartUpload', `<!--${'ü'.repeat(4_190_000)}-->`),
    ),
  'Complete, one text of 8 MiB': ({ uploadId }) =>
    claimed(
      's3',
      'POST',
      `/bucket/key?uploadId=${uploadId}`,
      xml('CompleteMultipartUpload', '&amp;'.repeat(1_670_000)),
    ),
  'Complete, 8 MiB of spaces': ({ uploadId }) =>
    claimed(
      's3',
      'POST',
      `/bucket/key?uploadId=${uploadId}`,
      xml('CompleteMultipartUpload', `<Part/>${' '.repeat(8_380_000)}`),
    ),
  ListParts: ({ uploadId }) => claimed('s3', 'GET', `/bucket/key?uploadId=${uploadId}`, ''),
  'DeleteObjects, 8 MiB of objects': () =>
    documented('POST', '/bucket?delete', xml('Delete', '<Object><Key>k</Key></Object>'.repeat(280_000))),
  'an encryption configuration of 1 MiB': () =>
    documented('PUT', '/bucket?encryption', xml('ServerSideEncryptionConfiguration', '<Rule/>'.repeat(149_000))),
  ...configurationRows({ documented, claimed, xml, many }),
  'a bucket configuration of 1 MiB': () =>
    claimed('s3', 'PUT', '/other', xml('CreateBucketConfiguration', '<Tags/>'.repeat(149_000))),
  'headers of 60 KB': () =>
    claimed('s3', 'GET', '/bucket/key', '', {
      range: 'bytes='.repeat(5000),
      'if-match': ' '.repeat(15_000),
      'if-none-match': ','.repeat(15_000),
    }),
  'a copy source of 60 KB': () =>
    claimed('s3', 'PUT', '/bucket/key', '', { 'x-amz-copy-source': '?versionId='.repeat(5500) }),
  'a query of 60 KB': () => claimed('s3', 'GET', `/bucket?${'a&'.repeat(30_000)}`, ''),
  'an encryption context header of 45 KB': () =>
    claimed('s3', 'PUT', '/bucket/key', '', {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-context': Buffer.from(
        JSON.stringify(Object.fromEntries(many(3500, (index) => [`k${index}`, 'v']))),
      ).toString('base64'),
    }),
  'an Authorization header of 60 KB': () => ({
    ...claimed('s3', 'GET', '/bucket/key', ''),
    headers: { authorization: `AWS4-HMAC-SHA256 ${'Credential=/11111111//'.repeat(2700)}` },
  }),
  'a form of 256 KB to STS': () =>
    claimed('sts', 'POST', '/', 'Action=GetCallerIdentity&Version=2011-06-15&'.padEnd(262_000, 'a=%41&'), {
      'content-type': 'application/x-www-form-urlencoded',
    }),
  'JSON of 256 KiB, deep': () => kms('ListKeys', '['.repeat(130_000) + ']'.repeat(130_000)),
  'JSON of 256 KiB, no member known': () =>
    kms('ListKeys', Object.fromEntries(many(18_000, (index) => [`m${index}`, 1]))),
  'a list of 80,000 tags that are none': ({ keyId }) =>
    kms('TagResource', { KeyId: keyId, Tags: many(80_000, () => ({})) }),
  'a list of 60,000 grant tokens': ({ keyId }) =>
    kms('DescribeKey', { KeyId: keyId, GrantTokens: many(60_000, () => 'a') }),
  'a list of 80,000 grant tokens of a wrong type': ({ keyId }) =>
    kms('DescribeKey', { KeyId: keyId, GrantTokens: many(80_000, () => 12) }),
  'an encryption context of 18,000 pairs': ({ keyId }) =>
    kms('Encrypt', {
      KeyId: keyId,
      Plaintext: 'AAAA',
      EncryptionContext: Object.fromEntries(many(18_000, (index) => [`é${index}`, 'v'])),
    }),
  'an encryption context of a wrong type, 18,000 times': ({ keyId }) =>
    kms('Encrypt', {
      KeyId: keyId,
      Plaintext: 'AAAA',
      EncryptionContext: Object.fromEntries(many(18_000, (index) => [`k${index}`, 1])),
    }),
  'a grant under 18,000 pairs': ({ keyId }) =>
    kms('CreateGrant', {
      KeyId: keyId,
      GranteePrincipal: 'arn:aws:iam::000000000000:user/u',
      Operations: ['Decrypt'],
      Constraints: { EncryptionContextSubset: Object.fromEntries(many(18_000, (index) => [`k${index}`, 'v'])) },
    }),
  'a key policy of 32 KB, many statements': ({ keyId }) =>
    kms('PutKeyPolicy', { KeyId: keyId, Policy: policy(many(330, (index) => ({ ...statement, Sid: `s${index}` }))) }),
  'a key policy of 32 KB, wildcards': ({ keyId }) =>
    kms('PutKeyPolicy', {
      KeyId: keyId,
      Policy: policy({ ...statement, Condition: { StringLike: { 'kms:EncryptionContext:a': '*a'.repeat(15_000) } } }),
    }),
  'a call under that policy': ({ keyId }) =>
    kms('Encrypt', { KeyId: keyId, Plaintext: 'AAAA', EncryptionContext: { a: `${'a'.repeat(8000)}b` } }),
  'a key policy of 32 KB, variables': ({ keyId }) =>
    kms('PutKeyPolicy', {
      KeyId: keyId,
      Policy: policy({
        ...statement,
        Condition: { StringLike: { 'kms:EncryptionContext:a': openings } },
      }),
    }),
  'a key policy of 250 KB': ({ keyId }) => kms('PutKeyPolicy', { KeyId: keyId, Policy: '['.repeat(250_000) }),
  ...underPolicies({
    'a thousand resources': [
      { Action: 's3:GetObject', Resource: many(650, (index) => `arn:aws:s3:::bkt/*a*${index}`) },
      claimed('s3', 'GET', `/bkt/${'a'.repeat(1000)}`, ''),
    ],
    'patterns of prefixes': [
      {
        Action: 's3:ListBucket',
        Condition: { StringLike: { 's3:prefix': many(2500, (index) => `*a${index % 10}*`) } },
      },
      claimed('s3', 'GET', `/bkt?list-type=2&prefix=${'a'.repeat(8000)}`, ''),
    ],
    'patterns of ARNs': [
      { Action: 's3:ListBucket', Condition: { ArnLike: { 's3:prefix': many(1000, () => 'a:*a*:*a*:*:*:*a*') } } },
      claimed('s3', 'GET', `/bkt?list-type=2&prefix=${'a:'.repeat(6)}${'a'.repeat(8000)}`, ''),
    ],
    'keys of tags': [
      {
        Action: 's3:PutObject',
        Condition: { 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': many(2500, (index) => `${index}`) } },
      },
      claimed('s3', 'PUT', '/bkt/key', '', { 'x-amz-tagging': many(9000, (index) => `${index % 2500}`).join('&') }),
    ],
    'many conditions on tags': [
      {
        Action: 's3:PutObject',
        Condition: {
          StringEqualsIfExists: Object.fromEntries(many(500, (index) => [`s3:RequestObjectTag/${index}`, 'a'])),
        },
      },
      claimed('s3', 'PUT', '/bkt/key', '', { 'x-amz-tagging': many(9000, (index) => `${index % 500}=a`).join('&') }),
    ],
    'a thousand ranges of addresses': [
      {
        Action: 's3:GetObject',
        Condition: { IpAddress: { 'aws:SourceIp': many(1000, (index) => `10.0.${index % 250}.0/24`) } },
      },
      claimed('s3', 'GET', '/bkt/key', ''),
    ],
    'dates, each with a text of its own': [
      {
        Action: 's3:GetObject',
        Condition: { DateEquals: { 'aws:UserAgent': many(750, (index) => `2026-01-01T00:00:${index}`) } },
      },
      claimed('s3', 'GET', '/bkt/key', ''),
    ],
    'two thousand variables': [
      {
        Action: 's3:ListBucket',
        Condition: { StringLike: { 's3:delimiter': many(1000, () => variable('s3:prefix')) } },
      },
      claimed('s3', 'GET', `/bkt?list-type=2&delimiter=a&prefix=${'a'.repeat(50_000)}`, ''),
    ],
    'one value of many variables': [
      { Action: 's3:ListBucket', Condition: { StringLike: { 's3:delimiter': variable('s3:prefix').repeat(1400) } } },
      claimed('s3', 'GET', `/bkt?list-type=2&delimiter=a&prefix=${'a'.repeat(50_000)}`, ''),
    ],
    'many actions and many keys': [
      {
        Action: many(450, (index) => `s3:*${'t'.repeat(index % 3)}${'*'.repeat(1 + (index % 40))}`),
        Condition: {
          StringEquals: Object.fromEntries(many(150, (index) => [`s3:RequestObjectTag/${index}`, 'a'])),
        },
      },
      claimed('s3', 'GET', '/bkt/key', ''),
    ],
    'many principals': [
      { Action: 's3:GetObject', Principal: { AWS: many(500, (index) => `${111122220000 + index}`) } },
      claimed('s3', 'GET', '/bkt/key', ''),
    ],
  }),
  'LookupEvents with 6,000 attributes': () =>
    claimed(
      'cloudtrail',
      'POST',
      '/',
      JSON.stringify({ LookupAttributes: many(6_000, () => ({ AttributeKey: 'x', AttributeValue: 'y' })) }),
      { 'x-amz-target': 'CloudTrail_20131101.LookupEvents' },
    ),
  'verify of all that was written for these rows, an upload of 10,000 parts among it': () => ({
    method: 'POST',
    path: '/_s3kms/verify',
    headers: {},
    body: Buffer.alloc(0),
  }),
  // The last one: nothing above is to be measured ten years later.
  'the clock turned on by ten years, over 40 keys that rotate': () => ({
    method: 'POST',
    path: '/_s3kms/clock/advance/3650d',
    headers: {},
    body: Buffer.alloc(0),
  }),
}

if (process.argv[2] === 'serve') await serve()
else await measure(process.argv[2])
