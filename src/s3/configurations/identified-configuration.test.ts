import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ConfigurationStore, identifiedName } from '../records/configurations.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

interface Example {
  root: string
  list: string
  /** The document of an id. */
  body: (id: string, inner?: string) => string
}

const destination = '<Bucket>arn:aws:s3:::reports</Bucket>'
const kinds: Record<string, Example> = {
  analytics: {
    root: 'AnalyticsConfiguration',
    list: 'ListBucketAnalyticsConfigurationsResult',
    body: (id, inner = '<StorageClassAnalysis/>') =>
      `<AnalyticsConfiguration><Id>${id}</Id>${inner}</AnalyticsConfiguration>`,
  },
  metrics: {
    root: 'MetricsConfiguration',
    list: 'ListMetricsConfigurationsResult',
    body: (id, inner = '') => `<MetricsConfiguration><Id>${id}</Id>${inner}</MetricsConfiguration>`,
  },
  'intelligent-tiering': {
    root: 'IntelligentTieringConfiguration',
    list: 'ListIntelligentTieringConfigurationsResult',
    body: (id, inner = tiering('ARCHIVE_ACCESS', 90)) =>
      `<IntelligentTieringConfiguration><Id>${id}</Id><Status>Enabled</Status>${inner}</IntelligentTieringConfiguration>`,
  },
  inventory: {
    root: 'InventoryConfiguration',
    list: 'ListInventoryConfigurationsResult',
    body: (id, inner = inventory()) => `<InventoryConfiguration><Id>${id}</Id>${inner}</InventoryConfiguration>`,
  },
}
const names = Object.keys(kinds)

function tiering(tier: string, days: number): string {
  return `<Tiering><AccessTier>${tier}</AccessTier><Days>${days}</Days></Tiering>`
}

function inventory(changes: Record<string, string> = {}): string {
  const parts: Record<string, string> = {
    IsEnabled: 'true',
    IncludedObjectVersions: 'All',
    Schedule: '<Frequency>Daily</Frequency>',
    Destination: `<S3BucketDestination>${destination}<Format>CSV</Format></S3BucketDestination>`,
    ...changes,
  }
  return Object.entries(parts)
    .map(([name, content]) => `<${name}>${content}</${name}>`)
    .join('')
}

function example(name: string): Example {
  const found = kinds[name]
  if (!found) throw new Error(`no example of ${name}`)
  return found
}

const put = (name: string, id: string, body: string) => s3.call('PUT', `/bucket?${name}&id=${id}`, { body })

test.each(names)('%s: what was put is told, listed and deleted under its id', async (name) => {
  const { body, root, list } = example(name)
  expect(await put(name, 'one', body('one'))).toMatchObject({ status: 204, text: '' })
  const told = await s3.call('GET', `/bucket?${name}&id=one`)
  expect((await told.xml(root)).Id).toBe('one')
  const listed = await s3.call('GET', `/bucket?${name}`)
  expect(await listed.xml(list)).toMatchObject({ [root]: { Id: 'one' }, IsTruncated: 'false' })
  expect((await s3.call('GET', `/bucket?${name}&id=`)).text).toBe(listed.text)
  expect((await s3.call('DELETE', `/bucket?${name}&id=one`)).status).toBe(204)
  expect(await (await s3.call('GET', `/bucket?${name}`)).xml(list)).toEqual({ IsTruncated: 'false' })
})

test.each(names)('%s: an unknown id is NoSuchConfiguration, without a further element', async (name) => {
  for (const method of ['GET', 'DELETE']) {
    const reply = await s3.call(method, `/bucket?${name}&id=none`)
    expect(reply.status).toBe(404)
    const error = await reply.xml('Error')
    expect(Object.keys(error)).toEqual(['Code', 'Message', 'RequestId', 'HostId'])
    expect(error.Code).toBe('NoSuchConfiguration')
    expect(error.Message).toBe('The specified configuration does not exist.')
  }
})

test.each(names)('%s: deleting a configuration does not delete the bucket', async (name) => {
  await put(name, 'one', example(name).body('one'))
  await s3.call('DELETE', `/bucket?${name}&id=one`)
  await s3.call('DELETE', `/bucket?${name}&id=two`)
  expect((await s3.call('HEAD', '/bucket')).status).toBe(200)
})

test('A list has pages of a hundred in the order of the ids, each naming the next', async () => {
  const { body } = example('metrics')
  const ids = Array.from({ length: 230 }, (_, index) => `id-${index}`)
  for (const id of ids) await put('metrics', id, body(id))
  const found: string[] = []
  const sizes: number[] = []
  let token = ''
  do {
    const reply = await s3.call('GET', `/bucket?metrics&continuation-token=${token}`)
    const page = [...reply.text.matchAll(/<Id>(.*?)<\/Id>/g)].map(([, id = '']) => id)
    expect(reply.text).toContain(`<ContinuationToken>${token}</ContinuationToken>`)
    expect(reply.text).toContain(`<IsTruncated>${reply.text.includes('<NextContinuationToken>')}</IsTruncated>`)
    sizes.push(page.length)
    found.push(...page)
    token = /<NextContinuationToken>(.*?)</.exec(reply.text)?.[1] ?? ''
  } while (token !== '')
  expect(sizes).toEqual([100, 100, 30])
  expect(found).toEqual([...ids].sort())
})

test('The configurations of one kind are not those of another, nor those of a bucket whose name begins alike', async () => {
  await s3.call('PUT', '/bucket-2')
  await put('metrics', 'same', example('metrics').body('same'))
  expect((await s3.call('GET', '/bucket-2?metrics&id=same')).code).toBe('NoSuchConfiguration')
  expect((await s3.call('GET', '/bucket?analytics&id=same')).code).toBe('NoSuchConfiguration')
  expect((await s3.call('GET', '/bucket-2?metrics')).text).not.toContain('<Id>')
})

test('A bucket has at most a thousand of a kind; one of them can still be replaced', async () => {
  const { body } = example('metrics')
  const store = new ConfigurationStore(s3.database)
  await s3.database.transact((transaction) => {
    for (let index = 0; index < 1000; index++) {
      const Id = `id-${index}`
      store.put(transaction, identifiedName('metrics', Id), 'bucket', { Id })
    }
  })
  const refused = await put('metrics', 'one-more', body('one-more'))
  expect(refused).toMatchObject({ status: 400, code: 'TooManyConfigurations' })
  expect(refused.text).toContain('You have attempted to create more configurations than the 1000 allowed.')
  expect((await put('metrics', 'id-7', body('id-7', '<Filter><Prefix>a</Prefix></Filter>'))).status).toBe(204)
})

test('Configurations go with their bucket', async () => {
  await put('metrics', 'one', example('metrics').body('one'))
  await s3.call('DELETE', '/bucket')
  await s3.call('PUT', '/bucket')
  expect((await s3.call('GET', '/bucket?metrics&id=one')).code).toBe('NoSuchConfiguration')
})

test.each(['x', 'AAAA', '%25'])('The continuation token %s was never given', async (token) => {
  const reply = await s3.call('GET', `/bucket?metrics&continuation-token=${token}`)
  expect(reply).toMatchObject({ status: 400, code: 'MalformedContinuationToken' })
  expect(reply.text).toContain('<Message>The continuation-token you provided invalid.</Message>')
})

const tooLong = 'a'.repeat(65)
const lengthWords = 'Config Id should be more than 1 character and less than 64 characters in length.'
const patternWords = 'Config Id does not match the pattern ^[a-zA-Z0-9\\-_.]+$'

test.each([
  ['analytics', '', 'InvalidConfigurationId', 'The specified configuration id is invalid.'],
  ['metrics', '', 'InvalidConfigurationId', 'The specified configuration id is invalid.'],
  ['analytics', tooLong, 'InvalidConfigId', lengthWords],
  ['intelligent-tiering', tooLong, 'InvalidConfigId', lengthWords],
  ['intelligent-tiering', 'a:b', 'InvalidConfigId', patternWords],
  ['inventory', tooLong, 'MalformedXML', 'The XML you provided was not well-formed'],
  ['metrics', 'a:b', 'MalformedXML', 'The XML you provided was not well-formed'],
])('%s does not take the id %s: %s', async (name, id, code, words) => {
  const reply = await put(name, id, example(name).body(id))
  expect(reply).toMatchObject({ status: 400, code })
  expect(reply.text).toContain(words)
})

test.each([
  ['analytics', 'MalformedXML'],
  ['metrics', 'MalformedXML'],
  ['intelligent-tiering', 'MalformedXML'],
  ['inventory', 'IdMismatch'],
])('%s: a document with another id than the query is %s', async (name, code) => {
  expect(await put(name, 'one', example(name).body('two'))).toMatchObject({ status: 400, code })
})

const prefix = '<Prefix>a</Prefix>'
const tag = '<Tag><Key>k</Key><Value>v</Value></Tag>'
const exported = (inner: string) =>
  '<StorageClassAnalysis><DataExport><OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination>' +
  `${inner}</S3BucketDestination></Destination></DataExport></StorageClassAnalysis>`
const toReports = (inner: string) => inventory({ Destination: `<S3BucketDestination>${inner}</S3BucketDestination>` })
const encryptedBy = (inner: string) => toReports(`${destination}<Format>CSV</Format><Encryption>${inner}</Encryption>`)

test.each([
  ['metrics', ''],
  ['metrics', `<Filter>${prefix}</Filter>`],
  ['metrics', '<Filter><Prefix/></Filter>'],
  ['metrics', '<Filter><AccessPointArn>arn:aws:s3:us-east-1:1:accesspoint/a</AccessPointArn></Filter>'],
  ['metrics', `<Filter><And>${prefix}${tag}</And></Filter>`],
  ['metrics', `<Filter><And>${tag}${tag}</And></Filter>`],
  ['analytics', `<Filter>${tag}</Filter><StorageClassAnalysis/>`],
  ['analytics', exported(`<Format>CSV</Format>${destination}`)],
  ['intelligent-tiering', `<Filter>${prefix}</Filter>${tiering('DEEP_ARCHIVE_ACCESS', 730)}`],
  ['intelligent-tiering', tiering('ARCHIVE_ACCESS', 90) + tiering('DEEP_ARCHIVE_ACCESS', 180)],
  ['inventory', inventory({ Filter: '<Prefix>a/</Prefix>', OptionalFields: '<Field>Size</Field><Field>ETag</Field>' })],
  ['inventory', encryptedBy('<SSE-S3></SSE-S3>')],
  ['inventory', encryptedBy('<SSE-KMS><KeyId>arn:aws:kms:us-east-1:000000000000:key/k</KeyId></SSE-KMS>')],
])('%s takes %s and gives it back', async (name, inner) => {
  const { body, root } = example(name)
  expect((await put(name, 'one', body('one', inner))).status).toBe(204)
  const told = await (await s3.call('GET', `/bucket?${name}&id=one`)).xml(root)
  await put(name, 'one', body('one'))
  await put(name, 'one', body('one', inner))
  expect(await (await s3.call('GET', `/bucket?${name}&id=one`)).xml(root)).toEqual(told)
  for (const text of inner.matchAll(/>([^<>]+)</g)) expect(JSON.stringify(told)).toContain(text[1])
})

test.each([
  ['metrics', '<Filter/>', 'MalformedXML', ''],
  ['metrics', `<Filter>${prefix}${tag}</Filter>`, 'MalformedXML', ''],
  ['metrics', `<Filter><And>${prefix}</And></Filter>`, 'MalformedXML', ''],
  ['metrics', `<Filter>${tag}${tag}</Filter>`, 'MalformedXML', ''],
  ['metrics', '<Other/>', 'MalformedXML', ''],
  ['analytics', '', 'MalformedXML', ''],
  [
    'analytics',
    '<Filter><Prefix/></Filter><StorageClassAnalysis/>',
    'InvalidPrefix',
    'should be set to a valid non-empty',
  ],
  [
    'analytics',
    `<Filter><And>${tag}</And></Filter><StorageClassAnalysis/>`,
    'InvalidAnd',
    'Number of Prefixes and Tags',
  ],
  ['analytics', exported('<Format>CSV</Format><Bucket>reports</Bucket>'), 'InvalidDestination', 'Invalid bucket ARN.'],
  ['analytics', exported(`<Format>ORC</Format>${destination}`), 'MalformedXML', ''],
  ['intelligent-tiering', ' ', 'MalformedXML', ''],
  ['intelligent-tiering', tiering('OTHER', 90), 'MalformedXML', ''],
  [
    'intelligent-tiering',
    tiering('ARCHIVE_ACCESS', 89),
    'InvalidAccessTier',
    'ARCHIVE_ACCESS tier should not be less than 90.',
  ],
  [
    'intelligent-tiering',
    tiering('ARCHIVE_ACCESS', 731),
    'InvalidAccessTier',
    'ARCHIVE_ACCESS tier should not be more than 730.',
  ],
  ['intelligent-tiering', tiering('DEEP_ARCHIVE_ACCESS', 179), 'InvalidAccessTier', 'should not be less than 180.'],
  [
    'intelligent-tiering',
    tiering('ARCHIVE_ACCESS', 90) + tiering('ARCHIVE_ACCESS', 91),
    'InvalidAccessTier',
    'All Access Tiers in a configuration must be unique. Found duplicate entry for ARCHIVE_ACCESS.',
  ],
  [
    'intelligent-tiering',
    tiering('ARCHIVE_ACCESS', 200) + tiering('DEEP_ARCHIVE_ACCESS', 200),
    'InvalidAccessTier',
    'Days specified in DEEP_ARCHIVE_ACCESS should be greater than days specified in ARCHIVE_ACCESS',
  ],
  [
    'inventory',
    toReports('<Bucket>reports</Bucket><Format>CSV</Format>'),
    'InvalidS3DestinationBucket',
    'Invalid bucket ARN.',
  ],
  ['inventory', toReports(`${destination}<Format>JSON</Format>`), 'MalformedXML', ''],
  ['inventory', inventory({ Schedule: '<Frequency>Hourly</Frequency>' }), 'MalformedXML', ''],
  ['inventory', inventory({ IncludedObjectVersions: 'Some' }), 'MalformedXML', ''],
  ['inventory', inventory({ OptionalFields: '<Field>Colour</Field>' }), 'MalformedXML', ''],
  ['inventory', encryptedBy(''), 'MalformedXML', ''],
  ['inventory', encryptedBy('<SSE-S3/><SSE-KMS><KeyId>alias/a</KeyId></SSE-KMS>'), 'MalformedXML', ''],
  [
    'inventory',
    encryptedBy('<SSE-KMS><KeyId>no key</KeyId></SSE-KMS>'),
    'InvalidKmskeyId',
    'The KMS key ID is invalid.',
  ],
])('%s refuses %s as %s', async (name, inner, code, words) => {
  const reply = await put(name, 'one', example(name).body('one', inner))
  expect(reply).toMatchObject({ status: 400, code })
  expect(reply.text).toContain(words)
})

test('An empty list of optional fields is not told', async () => {
  await put('inventory', 'one', example('inventory').body('one', inventory({ OptionalFields: '' })))
  expect((await s3.call('GET', '/bucket?inventory&id=one')).text).not.toContain('OptionalFields')
})
