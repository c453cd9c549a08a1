import type { Access, ClientFlags } from '../client.ts'
import type { Finding } from './finding.ts'

/* What the variables say that AWS's tools read: whether those would come here at all. */

const services = ['S3', 'KMS', 'STS', 'IAM', 'CLOUDTRAIL', 'S3_CONTROL']

function pointingTo({ endpoint }: Access): string {
  return `eval "$(s3kms-emu env --endpoint ${endpoint})" sets all variables`
}

/** Endpoint, Region, credentials, proxy, as they stand in the environment. */
export function examineEnvironment(access: Access, flags: ClientFlags, environment: NodeJS.ProcessEnv): Finding[] {
  const proxy = examineProxy(access, environment)
  return [
    examineEndpoint(access, flags, environment),
    ...examineOtherEndpoints(access, environment),
    examineRegion(access, flags, environment),
    examineCredentials(access, environment),
    ...(proxy ? [proxy] : []),
  ]
}

function examineEndpoint(access: Access, flags: ClientFlags, environment: NodeJS.ProcessEnv): Finding {
  const { endpoint } = access
  const check = 'endpoint'
  const { AWS_ENDPOINT_URL: given, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored } = environment
  if (!given) {
    const found = `${endpoint}${flags.endpoint ? ', by --endpoint' : ''}; AWS_ENDPOINT_URL is not set, so tools would ask AWS itself`
    return { check, status: 'warning', found, remedy: pointingTo(access) }
  }
  if (ignored?.toLowerCase() === 'true') {
    const found = `${endpoint}, but AWS_IGNORE_CONFIGURED_ENDPOINT_URLS tells tools to ask AWS itself`
    return { check, status: 'warning', found, remedy: 'unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS' }
  }
  if (originOf(given) !== endpoint) {
    const found = `${endpoint}, by --endpoint; tools would ask ${given}`
    return { check, status: 'warning', found, remedy: `set AWS_ENDPOINT_URL to ${endpoint}` }
  }
  return { check, status: 'ok', found: `${endpoint}, by AWS_ENDPOINT_URL` }
}

function examineOtherEndpoints({ endpoint }: Access, environment: NodeJS.ProcessEnv): Finding[] {
  return services.flatMap((service): Finding[] => {
    const name = `AWS_ENDPOINT_URL_${service}`
    const given = environment[name]
    if (!given || originOf(given) === endpoint) return []
    return [{ check: 'endpoint', status: 'warning', found: `${name} sends tools to ${given}`, remedy: `unset ${name}` }]
  })
}

function examineRegion(access: Access, flags: ClientFlags, environment: NodeJS.ProcessEnv): Finding {
  const { region } = access
  const check = 'region'
  const { AWS_REGION, AWS_DEFAULT_REGION } = environment
  if (!AWS_REGION && !AWS_DEFAULT_REGION) {
    const found = `${region}${flags.region ? ', by --region' : ''}; neither AWS_REGION nor AWS_DEFAULT_REGION is set`
    return { check, status: 'warning', found, remedy: pointingTo(access) }
  }
  if (AWS_REGION && AWS_DEFAULT_REGION && AWS_REGION !== AWS_DEFAULT_REGION) {
    const found = `AWS_REGION is ${AWS_REGION}, AWS_DEFAULT_REGION is ${AWS_DEFAULT_REGION}: not every tool reads both`
    return { check, status: 'warning', found, remedy: 'set them to one Region' }
  }
  return { check, status: 'ok', found: region }
}

function examineCredentials(access: Access, environment: NodeJS.ProcessEnv): Finding {
  const check = 'credentials'
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_PROFILE: profile } = environment
  if (id && secret) return { check, status: 'ok', found: `access key ${id}` }
  const where = profile ? `in profile ${profile}` : 'in their configuration files'
  const found = `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set: tools would take what stands ${where}`
  return { check, status: 'warning', found: `${found}; here it is test`, remedy: pointingTo(access) }
}

/** AWS CLI and boto3 read these variables; the JavaScript SDK does not. */
function examineProxy({ endpoint }: Access, environment: NodeJS.ProcessEnv): Finding | undefined {
  const { protocol, hostname } = new URL(endpoint)
  const name = `${protocol.slice(0, -1)}_proxy`
  const proxy = environment[name] || environment[name.toUpperCase()]
  if (!proxy) return undefined
  const excepted = (environment.no_proxy || environment.NO_PROXY || '').split(',').map((host) => host.trim())
  const isExcepted = excepted.some(
    (host) => host === '*' || host === hostname || (host && hostname.endsWith(`.${host}`)),
  )
  if (isExcepted) return undefined
  const found = `${name.toUpperCase()} sends AWS CLI and boto3 to ${originOf(proxy)}, which may not reach ${hostname}`
  return { check: 'proxy', status: 'warning', found, remedy: `add ${hostname} to NO_PROXY` }
}

/** Without what it may hold beside: a password. */
function originOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}
