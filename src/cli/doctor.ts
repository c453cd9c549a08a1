import type { Access, ClientFlags } from './client.ts'
import { accessFrom } from './client.ts'
import { examineAddressing } from './doctor/addressing.ts'
import { examineConnection } from './doctor/connection.ts'
import { examineEnvironment } from './doctor/environment.ts'
import type { Finding, FindingStatus } from './doctor/finding.ts'
import { examineSignature } from './doctor/signature.ts'
import { printable, red } from './output.ts'

const words: Record<FindingStatus, string> = { ok: 'ok', warning: 'WARNING', fault: 'FAULT' }

/**
 * `s3kms-emu doctor`: what a client with these variables would see, and what is to be done about it.
 * @returns 0 where nothing is at fault, warnings included; else 1
 * @throws Error in one line when the endpoint is no address
 */
export async function doctor(
  flags: ClientFlags & { json?: boolean },
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const access = accessFrom(flags, environment)
  const findings = [...examineEnvironment(access, flags, environment), ...(await examine(access, environment, now))]
  write(flags.json ? `${JSON.stringify({ endpoint: access.endpoint, findings })}\n` : reportOf(findings))
  return findings.some(({ status }) => status === 'fault') ? 1 : 0
}

/** What needs an answer is left out where there is none. */
async function examine(access: Access, environment: NodeJS.ProcessEnv, now: () => number): Promise<Finding[]> {
  const { findings, isReached } = await examineConnection(access, environment, now)
  if (!isReached) return findings
  return [...findings, await examineSignature(access, now), await examineAddressing(access)]
}

function reportOf(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, status, found, remedy }) => {
    const word = words[status].padEnd(8)
    const line = `${status === 'ok' ? word : red(word)} ${check.padEnd(12)} ${printable(found)}`
    return remedy === undefined ? [line] : [line, `${' '.repeat(22)}${printable(remedy)}`]
  })
  return `${lines.join('\n')}\n`
}
