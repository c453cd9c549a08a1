import { as, type CompatibleVariable, type Given, isOn, type Meaning, namesIn, regionAs } from './variable.ts'

/*
 * LocalStack's variables ("Configuration" of its documentation). Each may have the prefix LOCALSTACK_, and then belongs to no other
 * program; DEBUG and the like without it are shared.
 */

const logLevels: Record<string, string> = {
  trace: 'debug',
  'trace-internal': 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
}
const here = ['s3', 'kms', 'iam', 'sts', 'cloudtrail']
const volume = '/var/lib/localstack'

export const localstackVariables: readonly CompatibleVariable[] = [
  { names: ['LOCALSTACK_GATEWAY_LISTEN', 'GATEWAY_LISTEN'], read: listen },
  { names: ['LOCALSTACK_HOST'], read: publicHost },
  ...prefixed('EDGE_PORT', as('port')),
  ...prefixed('DEFAULT_REGION', regionAs),
  ...prefixed('PERSISTENCE', (value, { isFolder }) => {
    if (!isOn(value)) return { settings: { ephemeral: true } }
    const kept = { ephemeral: false, ...(isFolder(volume) && { dataDir: `${volume}/state` }) }
    return { settings: kept, remark: 'what is stored is kept' }
  }),
  ...prefixed('LS_LOG', (value) => {
    const logLevel = logLevels[value.toLowerCase()]
    return logLevel === undefined ? { remark: `'${value}' is no level` } : { settings: { logLevel } }
  }),
  ...prefixed('DEBUG', (value) => (isOn(value) ? { settings: { logLevel: 'debug' } } : undefined)),
  ...prefixed('USE_SSL', (value) => (isOn(value) ? { settings: { tls: true }, remark: 'HTTPS alone' } : undefined)),
  ...prefixed('SERVICES', services),
  ...prefixed('EXTRA_CORS_ALLOWED_ORIGINS', (value) => {
    const origins = namesIn(value, /,/)
    return origins.includes('*') ? { remark: 'name the origins' } : { settings: { allowOrigins: origins } }
  }),
  ...prefixed('ENFORCE_IAM', () => ({ remark: 'policies always decide' })),
  ...prefixed('S3_SKIP_SIGNATURE_VALIDATION', () => ({ remark: 'signatures of known access keys are always checked' })),
  ...prefixed('S3_SKIP_KMS_KEY_VALIDATION', () => ({ remark: 'keys of KMS are always asked' })),
]

/** With the prefix first: so LocalStack's own entrypoint weighs them. */
function prefixed(name: string, read: CompatibleVariable['read']): CompatibleVariable[] {
  return [
    { names: [`LOCALSTACK_${name}`], read },
    {
      names: [name],
      shared: true,
      read: (value, environment) =>
        environment.variable(`LOCALSTACK_${name}`) === undefined ? read(value, environment) : undefined,
    },
  ]
}

/** `HOST:PORT`, `HOST`, `:PORT`, several of them with commas; the first is where the emulator says it is. */
function listen(value: string): Meaning {
  const [first = '', ...others] = namesIn(value, /,/).map((address) => {
    const [, host = '', port = ''] = /^(.*?)(?::(\d+))?$/.exec(address) ?? []
    return `${host || '0.0.0.0'}:${port || '4566'}`
  })
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(first) ?? []
  return { settings: { host, port, ...(others.length > 0 && { alsoListen: others }) } }
}

/** Buckets are under `s3.HOST` there, and the name itself is this machine's. An address has nothing under it. */
function publicHost(value: string): Meaning | undefined {
  const name = value.replace(/:\d+$/, '').toLowerCase()
  if (name === '' || /^[\d.]+$|[:[\]]/.test(name) || name === 'localhost') return undefined
  return { settings: { baseDomains: [`s3.${name}`, name] } satisfies Given }
}

function services(value: string): Meaning {
  const missing = namesIn(value.toLowerCase(), /[\s,]+/)
    .map((service) => service.replace(/:\d+$/, ''))
    .filter((service) => !here.includes(service))
  const remark = 'S3, KMS, IAM, STS and CloudTrail are always here'
  return { remark: missing.length === 0 ? remark : `${remark}; ${missing.join(', ')} not` }
}
