import { as, type CompatibleVariable, isOn, type Meaning, namesIn, regionAs, type Surroundings } from './variable.ts'

/* Variables of MinIO and of Bitnami's image of it, of Adobe's S3Mock, of local-kms and moto. */

export const minioVariables: readonly CompatibleVariable[] = [
  { names: ['MINIO_ROOT_USER', 'MINIO_ACCESS_KEY'], secret: true, read: rootUser },
  { names: ['MINIO_DEFAULT_BUCKETS'], read: defaultBuckets },
  { names: ['MINIO_SITE_REGION', 'MINIO_REGION_NAME', 'MINIO_REGION'], read: regionAs },
  { names: ['MINIO_DOMAIN'], read: (value) => ({ settings: { baseDomains: namesIn(value, /,/) } }) },
  { names: ['MINIO_ADDRESS'], read: address },
  { names: ['MINIO_API_PORT_NUMBER'], read: as('port') },
  {
    names: ['MINIO_KMS_SECRET_KEY'],
    secret: true,
    read: () => ({ remark: 'keys are of KMS here: --keys alias/NAME makes one' }),
  },
  {
    names: ['MINIO_KMS_AUTO_ENCRYPTION'],
    read: (value) => (isOn(value) ? { remark: '--bucket-defaults current encrypts every object' } : undefined),
  },
]

const s3Mock = 'COM_ADOBE_TESTING_S3MOCK'

export const s3MockVariables: readonly CompatibleVariable[] = [
  {
    names: [`${s3Mock}_STORE_INITIAL_BUCKETS`, `${s3Mock}_DOMAIN_INITIAL_BUCKETS`, 'initialBuckets'],
    read: (value) => ({ settings: { buckets: namesIn(value, /,/) } }),
  },
  { names: [`${s3Mock}_STORE_REGION`, `${s3Mock}_REGION`], read: regionAs },
  {
    names: [`${s3Mock}_STORE_RETAIN_FILES_ON_EXIT`, 'retainFilesOnExit'],
    read: (value) => ({ settings: { ephemeral: !isOn(value) } }),
  },
  {
    names: [`${s3Mock}_STORE_VALID_KMS_KEYS`, `${s3Mock}_KMS_VALID_KEYS`, 'validKmsKeys'],
    read: () => ({ remark: 'a key must be there: make it with --keys or a fixture file' }),
  },
]

export const localKmsVariables: readonly CompatibleVariable[] = [
  { names: ['KMS_ACCOUNT_ID'], shared: true, read: as('accountId') },
  { names: ['KMS_REGION'], shared: true, read: regionAs },
  { names: ['KMS_SEED_PATH'], read: (value) => ({ settings: { fixtures: [value] } }) },
  { names: ['KMS_DATA_PATH'], read: as('dataDir') },
]

export const motoVariables: readonly CompatibleVariable[] = [
  { names: ['MOTO_PORT'], read: as('port') },
  { names: ['MOTO_ACCOUNT_ID'], read: as('accountId') },
]

/** Without a password there is no key of it: then any secret will do. */
function rootUser(user: string, { variable }: Surroundings): Meaning {
  const password = variable('MINIO_ROOT_PASSWORD', 'MINIO_SECRET_KEY')
  if (password === undefined) return { remark: 'without a password it is taken at its word, as every key is' }
  return { settings: { accessKeys: [`${user}:${password}`] } }
}

/** Bitnami's list: `a:public,b;c d`. What its client would give to everybody is a policy, which nobody asked for in AWS's words. */
function defaultBuckets(value: string): Meaning {
  const entries = namesIn(value, /[,;\s]+/).map((entry) => entry.split(':'))
  const open = entries.flatMap(([name, policy = 'none']) => (policy === 'none' ? [] : [`${policy} of ${name}`]))
  const settings = { buckets: entries.map(([name]) => name) }
  return open.length === 0 ? { settings } : { settings, remark: `${open.join(', ')} is not set: put a bucket policy` }
}

function address(value: string): Meaning {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(value) ?? []
  return { settings: { ...(host && { host }), ...(port && { port }) } }
}
