import { setTimeout as pause } from 'node:timers/promises'
import { addressOf } from './endpoint.ts'
import { printable } from './output.ts'
import { isThisMachine, readJson, request } from './request.ts'

export interface HealthFlags {
  endpoint?: string
  /** How long to wait for a healthy emulator, in ms. */
  wait?: number
  json?: boolean
}

/** What was answered, or why nothing was. */
interface Finding {
  status: string
  reason?: string
  version?: string
  uptime?: number
}

const betweenAttempts = 100

/**
 * `s3kms-emu health`: whether an emulator is ready and well, for probes of containers and scripts that wait.
 * @returns 0 when it is; 1 when it is not, or nothing answers
 * @throws OptionFault when the endpoint is no address
 */
export async function health(
  flags: HealthFlags,
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const endpoint = addressOf(flags.endpoint, environment)
  const until = now() + (flags.wait ?? 0)
  let finding = await ask(endpoint)
  while (finding.status !== 'ok' && now() < until) {
    await pause(betweenAttempts)
    finding = await ask(endpoint)
  }
  write(
    flags.json ? `${JSON.stringify({ endpoint: endpoint.origin, ...finding })}\n` : `${lineOf(endpoint, finding)}\n`,
  )
  return finding.status === 'ok' ? 0 : 1
}

function lineOf({ origin }: URL, { status, reason, version, uptime }: Finding): string {
  const of = version === undefined ? '' : `, s3kms-emu ${version}`
  const since = uptime === undefined ? '' : `, up ${Math.floor(uptime)} s`
  return printable(`${status}: ${origin}${of}${since}${reason === undefined ? '' : `: ${reason}`}`)
}

/** Nothing secret is sent and nothing but health is asked, so a self-signed certificate of this machine is taken as it is. */
async function ask(endpoint: URL): Promise<Finding> {
  try {
    const trust = isThisMachine(endpoint) ? 'unverified' : undefined
    const { status, text } = await request(new URL('/_s3kms/health', endpoint), { trust })
    const answer: Partial<Finding> | undefined = readJson(text)
    if (answer?.status === undefined) return { status: 'unknown', reason: `answered ${status}, not as s3kms-emu does` }
    const { status: word, reason, version, uptime } = answer
    return { status: word, reason, version, uptime }
  } catch (error) {
    const { code, message } = Object(error)
    return { status: 'unreachable', reason: String(message || code || error) }
  }
}
