import { faultAdd, faultClear, faultList, faultsClear } from '../control/routes/faults.ts'
import type { FaultReport } from '../lab/faults/fault.ts'
import type { FaultRule } from '../lab/faults/fault-rule.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { lineOfJson, table, terminalWidth } from './output.ts'

/**
 * `s3kms-emu faults list`: what goes wrong on purpose.
 * @throws Error in one line
 */
export async function listFaults(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const { faults } = await openClient(flags, environment, now).control(faultList, {})
  write(flags.json ? `${lineOfJson(faults)}\n` : `${tableOf(faults)}\n`)
  return 0
}

/**
 * `s3kms-emu faults add`: has calls go wrong. The flags are the members of a rule.
 * @throws Error in one line
 */
export async function addFault(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const fault = await openClient(flags, environment, now).control(faultAdd, {}, ruleOf(flags))
  write(flags.json ? `${lineOfJson(fault)}\n` : `${fault.id}\n`)
  return 0
}

/**
 * `s3kms-emu faults clear [ID]`: ends all, or one.
 * @throws Error in one line
 */
export async function clearFaults(
  flags: Flags,
  { environment, now, write }: Terminal,
  id: string | undefined,
): Promise<number> {
  const client = openClient(flags, environment, now)
  const { faults } = id === undefined ? await client.control(faultsClear, {}) : await client.control(faultClear, { id })
  write(flags.json ? `${lineOfJson(faults)}\n` : `${tableOf(faults)}\n`)
  return 0
}

/** `--match-region`, because `--region` is every command's. */
function ruleOf({ endpoint: _, region: __, controlToken: ___, json: ____, matchRegion, ...rule }: Flags): FaultRule {
  return matchRegion === undefined ? rule : { ...rule, region: matchRegion }
}

function tableOf(faults: readonly FaultReport[]): string {
  if (faults.length === 0) return 'no faults'
  const rows = faults.map(({ id, matched, struck, ...rule }) => [id, String(matched), String(struck), wordsOf(rule)])
  return table(['ID', 'MATCHED', 'STRUCK', 'RULE'], rows, { width: terminalWidth() })
}

/** `service=kms error=ThrottlingException every=3` */
function wordsOf(rule: FaultRule): string {
  return Object.entries(rule)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
