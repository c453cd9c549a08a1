import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import type { Access } from '../client.ts'
import { type Answer, readJson, request } from '../request.ts'
import type { Finding } from './finding.ts'

/* Whether the emulator answers, whether its certificate is trusted, and whether the two clocks agree. */

/** S3 takes signatures of a quarter of an hour, KMS and STS of five minutes. */
const mostSkew = 300_000
/** A Date header has whole seconds, and the answer was on its way. */
const exactness = 2_000

/** Which tools read a variable that names certificates to trust. */
const trustVariables = { AWS_CA_BUNDLE: 'AWS CLI and boto3', NODE_EXTRA_CA_CERTS: 'programs on Node.js' }

/**
 * @param now ms since the epoch
 * @returns what was found, and whether anything answered there as the emulator does
 */
export async function examineConnection(
  { endpoint }: Access,
  environment: NodeJS.ProcessEnv,
  now: () => number,
): Promise<{ findings: Finding[]; isReached: boolean }> {
  const url = new URL('/_s3kms/health', endpoint)
  const answered = await request(url, { trust: 'unverified' }).then(
    (answer) => ({ answer }),
    (error: NodeJS.ErrnoException) => ({ error }),
  )
  if ('error' in answered) return { findings: [unreachable(url, answered.error)], isReached: false }
  const { answer } = answered
  const health = readJson(answer.text)
  if (typeof health?.version !== 'string') return { findings: [anotherServer(answer)], isReached: false }
  const { status, reason, version } = health
  const state: Finding =
    status === 'ok'
      ? { check: 'health', status: 'ok', found: `s3kms-emu ${version}` }
      : { check: 'health', status: 'warning', found: `s3kms-emu ${version} is ${status}: ${reason ?? 'not ready'}` }
  const trust = url.protocol === 'https:' ? await examineTrust(url, environment) : []
  return { findings: [state, ...trust, examineClock(answer, now())], isReached: true }
}

/** What Node says where one side speaks TLS and the other does not. */
const otherProtocol = new Set(['EPROTO', 'HPE_INVALID_CONSTANT', 'ECONNRESET'])

function unreachable({ origin, protocol, host }: URL, { code = '', message, name }: NodeJS.ErrnoException): Finding {
  const check = 'connection'
  if (otherProtocol.has(code)) {
    const other = protocol === 'https:' ? 'http' : 'https'
    const found = `what listens at ${host} does not speak ${protocol.slice(0, -1)}`
    return {
      check,
      status: 'fault',
      found,
      remedy: `it may speak ${other}: set AWS_ENDPOINT_URL to ${other}://${host}`,
    }
  }
  const found = `${origin}: ${name === 'AbortError' ? 'no answer within 5 s' : message || code}`
  const remedy = 'start it with "s3kms-emu start", or name it with --endpoint or AWS_ENDPOINT_URL'
  return { check, status: 'fault', found, remedy }
}

function anotherServer({ status, headers }: Answer): Finding {
  const who = headers.server ? ` (${headers.server})` : ''
  const found = `something answers ${status}${who}, not as s3kms-emu does`
  return {
    check: 'connection',
    status: 'fault',
    found,
    remedy: 'another server has that port: choose another with --port',
  }
}

/** Each variable by itself, as the tools that read it would try. */
async function examineTrust(url: URL, environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  return Promise.all(
    Object.entries(trustVariables).map(async ([name, tools]): Promise<Finding> => {
      const file = environment[name]
      const failure = await trustFailure(url, file)
      if (failure === undefined) return { check: 'certificate', status: 'ok', found: `${tools} trust it` }
      const by = file ? `${name}=${file}` : `${name} is not set`
      const remedy = `set ${name} to the certificate's file, which "start" names`
      return { check: 'certificate', status: 'warning', found: `${tools} do not trust it (${by}): ${failure}`, remedy }
    }),
  )
}

async function trustFailure(url: URL, file: string | undefined): Promise<string | undefined> {
  try {
    const trust = file ? [...rootCertificates, readFileSync(file, 'utf8')] : [...rootCertificates]
    await request(url, { trust })
    return undefined
  } catch (error) {
    const { code, message } = Object(error)
    return String(message || code)
  }
}

/** By the machine's clock there; a clock that was turned shows in the signature. */
function examineClock({ headers }: Answer, now: number): Finding {
  const there = Date.parse(headers.date ?? '')
  if (Number.isNaN(there)) return { check: 'clock', status: 'warning', found: 'no Date header came back' }
  const skew = Math.abs(now - there) <= exactness ? 0 : now - there
  const found = skew === 0 ? 'agrees' : `${Math.abs(skew / 1000).toFixed(0)} s ${skew > 0 ? 'ahead' : 'behind'}`
  if (Math.abs(skew) < mostSkew) return { check: 'clock', status: 'ok', found }
  const remedy = 'signatures are refused beyond 5 min: set the clock of one of the two machines'
  return { check: 'clock', status: 'fault', found, remedy }
}
