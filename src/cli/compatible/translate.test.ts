import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { OptionFault } from '../../options.ts'
import { named, startSettings } from './start-settings.ts'
import { compatibleVariables, translate } from './translate.ts'

const settingsOf = (environment: NodeJS.ProcessEnv) => translate(environment, 'all').settings

test.each([
  [{ GATEWAY_LISTEN: '0.0.0.0:4510' }, { host: '0.0.0.0', port: '4510' }],
  [{ GATEWAY_LISTEN: ':4567' }, { host: '0.0.0.0', port: '4567' }],
  [{ GATEWAY_LISTEN: '127.0.0.1' }, { host: '127.0.0.1', port: '4566' }],
  [{ GATEWAY_LISTEN: '[::]:4566,0.0.0.0:443' }, { host: '::', port: '4566', alsoListen: ['0.0.0.0:443'] }],
  [{ LOCALSTACK_HOST: 'aws.test:4566' }, { baseDomains: ['s3.aws.test', 'aws.test'] }],
  [{ LOCALSTACK_HOST: '127.0.0.1' }, {}],
  [{ LOCALSTACK_DEBUG: '1' }, { logLevel: 'debug' }],
  [{ DEBUG: '0' }, {}],
  [{ DEBUG: 'express:*' }, {}],
  [{ LS_LOG: 'trace', DEBUG: '1' }, { logLevel: 'debug' }],
  [{ LS_LOG: 'warning' }, { logLevel: 'warn' }],
  [{ PERSISTENCE: '0' }, { ephemeral: true }],
  [{ PERSISTENCE: '0', LOCALSTACK_PERSISTENCE: '1' }, { ephemeral: false }],
  [{ DEFAULT_REGION: 'eu-west-1', MINIO_REGION: 'us-west-2' }, { region: 'eu-west-1' }],
  [{ MINIO_REGION: 'auto' }, {}],
  [
    { EDGE_PORT: '4999', USE_SSL: '1' },
    { port: '4999', tls: true },
  ],
  [{ EXTRA_CORS_ALLOWED_ORIGINS: 'http://a.test, app://b' }, { allowOrigins: ['http://a.test', 'app://b'] }],
  [{ MINIO_ROOT_USER: 'admin', MINIO_ROOT_PASSWORD: 'pass,word' }, { accessKeys: ['admin:pass,word'] }],
  [{ MINIO_ACCESS_KEY: 'old-user', MINIO_SECRET_KEY: 'old:secret' }, { accessKeys: ['old-user:old:secret'] }],
  [
    { MINIO_DEFAULT_BUCKETS: 'a-a:public,b-b;c-c d-d', initialBuckets: 'e-e' },
    { buckets: 'a-a b-b c-c d-d e-e'.split(' ') },
  ],
  [{ COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS: 'one,two' }, { buckets: ['one', 'two'] }],
  [{ COM_ADOBE_TESTING_S3MOCK_STORE_RETAIN_FILES_ON_EXIT: 'true' }, { ephemeral: false }],
  [
    { MINIO_DOMAIN: 'a.test,b.test', MINIO_ADDRESS: ':9001' },
    { baseDomains: ['a.test', 'b.test'], port: '9001' },
  ],
  [
    { KMS_ACCOUNT_ID: '111122223333', KMS_SEED_PATH: 'seed.yaml' },
    { accountId: '111122223333', fixtures: ['seed.yaml'] },
  ],
  [{ MOTO_PORT: '3000', LOCALSTACK_AUTH_TOKEN: 'ls-x', MINIO_BROWSER: 'off' }, { port: '3000' }],
])('%j means %j', (environment, settings) => {
  expect(settingsOf(environment)).toEqual(settings)
})

test('What is taken is said, without its secret, and so is what is not here', () => {
  const { report } = translate(
    {
      SERVICES: 's3,sqs:4576',
      PERSISTENCE: '0',
      MINIO_ROOT_USER: 'admin',
      MINIO_ROOT_PASSWORD: 'secret-word',
      MINIO_DEFAULT_BUCKETS: 'a-a:public,b-b',
      ENFORCE_IAM: '1',
    },
    'all',
  )
  expect(report).toEqual([
    'PERSISTENCE=0: --ephemeral',
    'SERVICES=s3,sqs:4576: S3, KMS, IAM, STS and CloudTrail are always here; sqs not',
    'ENFORCE_IAM=1: policies always decide',
    'MINIO_ROOT_USER: S3KMS_ACCESS_KEYS',
    'MINIO_DEFAULT_BUCKETS=a-a:public,b-b: --buckets a-a,b-b; public of a-a is not set: put a bucket policy',
  ])
})

test('Names that other programs have are taken only where all are asked for', async () => {
  const environment = {
    DEBUG: '1',
    SERVICES: 's3',
    PERSISTENCE: '0',
    KMS_REGION: 'eu-west-1',
    LOCALSTACK_LS_LOG: 'warn',
  }
  const { settings, translated } = await startSettings({}, environment)
  expect(settings).toMatchObject({ logLevel: 'warn', ephemeral: false, region: 'us-east-1' })
  expect(translated).toEqual(['LOCALSTACK_LS_LOG=warn: --log-level warn'])
  const all = await startSettings({}, { ...environment, S3KMS_COMPATIBLE: 'all' })
  expect(all.settings).toMatchObject({ ephemeral: true, region: 'eu-west-1' })
  expect(await startSettings({ compatible: 'off' }, environment)).toMatchObject({
    settings: { logLevel: 'info' },
    translated: [],
  })
})

test('The own flags and variables win', async () => {
  const environment = { MINIO_DEFAULT_BUCKETS: 'theirs', S3KMS_BUCKETS: 'ours', GATEWAY_LISTEN: '0.0.0.0:4510' }
  const { settings } = await startSettings({ port: '1234' }, environment)
  expect(settings).toMatchObject({ buckets: ['ours'], port: 1234, host: '0.0.0.0' })
  const kept = { LOCALSTACK_PERSISTENCE: '0', S3KMS_DATA_DIR: '/data' }
  expect((await startSettings({}, kept)).settings).toMatchObject({ ephemeral: false, dataDir: '/data' })
})

test.each([
  [{ MINIO_DEFAULT_BUCKETS: 'Bad' }, 'MINIO_DEFAULT_BUCKETS: buckets must be names of buckets such as my-uploads'],
  [{ LOCALSTACK_EDGE_PORT: 'x' }, "LOCALSTACK_EDGE_PORT: port must be a whole number from 0 to 65535, not 'x'"],
  [{ MINIO_ROOT_USER_FILE: '/none/at/all' }, 'MINIO_ROOT_USER_FILE: /none/at/all cannot be read (ENOENT)'],
])('A value that cannot be is named by its variable: %j', (environment, message) => {
  expect(() => translate(environment, 'named')).toThrow(OptionFault)
  expect(() => translate(environment, 'named')).toThrow(message)
})

test('Every name that is taken by itself is looked for at the start', () => {
  const own = compatibleVariables.filter(({ shared }) => !shared).flatMap(({ names }) => names)
  expect(own.filter((name) => !named.test(name))).toEqual([])
})

test('The page for those who come from elsewhere has every variable', () => {
  const page = readFileSync(new URL('../../../docs/coming-from.md', import.meta.url), 'utf8')
  const names = compatibleVariables.flatMap(({ names }) =>
    names.map((name) => name.replace(/^LOCALSTACK_(?!HOST)/, '')),
  )
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
