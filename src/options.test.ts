import { expect, test } from '@jest/globals'
import { OptionFault, optionsFromEnvironment, optionTable, readSettings } from './options.ts'

test('The defaults are those of the documentation', () => {
  expect(readSettings({}, 'library')).toMatchObject({
    port: 4566,
    host: '127.0.0.1',
    dataDir: './.s3kms-emu',
    ephemeral: false,
    accountId: '000000000000',
    region: 'us-east-1',
    bucketDefaults: 'classic',
    auth: 'permissive',
    trailRetention: 90,
    bucketKeyLifetime: 300,
  })
})

test('Text from the environment passes the same checks as typed values', () => {
  const given = optionsFromEnvironment({
    S3KMS_PORT: '0',
    S3KMS_EPHEMERAL: 'true',
    S3KMS_BASE_DOMAIN: 'a.test, b.test',
  })
  expect(readSettings(given, 'flag')).toMatchObject({ port: 0, ephemeral: true, baseDomains: ['a.test', 'b.test'] })
})

test.each([
  ['true', true],
  ['1', true],
  ['Yes', true],
  ['false', false],
  ['0', false],
  ['NO', false],
])('A variable that is on or off may be %j', (text, isOn) => {
  expect(readSettings(optionsFromEnvironment({ S3KMS_TLS: text }), 'variable').tls).toBe(isOn)
})

test('Origins are kept as browsers write them', () => {
  const { allowOrigins } = readSettings(
    { allowOrigins: ['https://App.test:443/', 'http://b.test:80,http://c.test:3000'] },
    'flag',
  )
  expect(allowOrigins).toEqual(['https://app.test', 'http://b.test', 'http://c.test:3000'])
  const given = optionsFromEnvironment({ S3KMS_ALLOW_ORIGIN: 'null, capacitor://localhost' })
  expect(readSettings(given, 'flag')).toMatchObject({ allowOrigins: ['null', 'capacitor://localhost'] })
})

test.each(['app.test', '*', 'https://*.app.test', 'https://app.test/page', 'https://user@app.test', 'file:///'])(
  'The origin %s is refused',
  (allowOrigins) => {
    const message = `--allow-origin must be origins such as https://app.example:8443, not '${allowOrigins}'`
    expect(() => readSettings({ allowOrigins }, 'flag')).toThrow(new OptionFault(message))
  },
)

test('Access keys are secrets: what is wrong with them is said without them', () => {
  expect(readSettings({ accessKeys: ['one:a,b', 'two:c'] }, 'library').accessKeys).toEqual(['one:a,b', 'two:c'])
  const given = optionsFromEnvironment({ S3KMS_ACCESS_KEYS: 'one:a,without-secret' })
  expect(() => readSettings(given, 'variable')).toThrow(
    new OptionFault('S3KMS_ACCESS_KEYS must be access keys such as id:secret'),
  )
})

test('Seeds are lists, as words or with commas', () => {
  expect(readSettings({ buckets: ['a-a,b-b', 'c-c'], keys: 'alias/a, alias/team/b' }, 'flag')).toMatchObject({
    buckets: ['a-a', 'b-b', 'c-c'],
    keys: ['alias/a', 'alias/team/b'],
  })
})

test.each([
  [{ buckets: 'good,Bad' }, "--buckets must be names of buckets such as my-uploads, not 'good,Bad'"],
  [{ buckets: 'a..b' }, "--buckets must be names of buckets such as my-uploads, not 'a..b'"],
  [{ keys: 'app' }, "--keys must be aliases such as alias/app, not 'app'"],
  [{ keys: ['alias/aws/s3'] }, "--keys must be aliases such as alias/app, not 'alias/aws/s3'"],
])('What can be the name of no seed is refused: %j', (given, message) => {
  expect(() => readSettings(given, 'flag')).toThrow(new OptionFault(message))
})

test('Every option has a variable of its own', () => {
  const variables = optionTable.map(({ variable }) => variable)
  expect(new Set(variables).size).toBe(variables.length)
  expect(variables).toContain('S3KMS_ROOT_KEY')
  expect(variables).toContain('S3KMS_REQUIRE_TLS_FOR_SSE_C')
})

test.each([
  ['flag', { port: 'abc' }, "--port must be a whole number from 0 to 65535, not 'abc'"],
  ['flag', { port: '70000' }, "--port must be a whole number from 0 to 65535, not '70000'"],
  ['variable', { port: 'abc' }, "S3KMS_PORT must be a whole number from 0 to 65535, not 'abc'"],
  ['library', { port: 1.5 }, "port must be a whole number from 0 to 65535, not '1.5'"],
  ['flag', { accountId: '12' }, "--account-id must be 12 digits, not '12'"],
  ['flag', { bucketDefaults: 'new' }, "--bucket-defaults must be one of classic, 2023, current, not 'new'"],
  ['flag', { ephemeral: 'maybe' }, "--ephemeral must be true, 1 or yes, or false, 0 or no, not 'maybe'"],
  ['flag', { trailRetention: '0' }, "--trail-retention must be a whole number of days above 0, not '0'"],
  ['flag', { cert: 'a.pem' }, '--cert and --key go together'],
  ['variable', { key: 'a.pem' }, 'S3KMS_CERT and S3KMS_KEY go together'],
  ['library', { rootKey: 'a', rootKeyFile: 'b' }, 'rootKeyFile and rootKey exclude each other'],
  ['library', { prot: 1 }, 'there is no option prot'],
] as const)('As a %s, %j is refused in one line', (source, given, message) => {
  expect(() => readSettings({ ...given } as Record<string, unknown>, source)).toThrow(new OptionFault(message))
})

test('A secret that is refused is not repeated', () => {
  expect(() => readSettings({ rootKey: 12345 }, 'flag')).toThrow(/^S3KMS_ROOT_KEY must be a text that is not empty$/)
})
