import { audit as auditRoute } from '../../control/routes/audit.ts'
import type { Audit } from '../../lab/audit/audit.ts'
import { type FindingKind, findingKinds, isFindingKind } from '../../lab/audit/findings.ts'
import { isPeriodUnit, type PeriodUnit, periodUnits } from '../../lab/audit/periods.ts'
import { OptionFault } from '../../options.ts'
import { type Client, openClient } from '../client.ts'
import type { Flags, Terminal } from '../client-command.ts'
import { emulatorTime } from '../emulator-time.ts'
import { terminalWidth } from '../output.ts'
import { timeOf } from '../trail-search.ts'
import { type AuditFormat, auditFormats } from './formats.ts'

/**
 * `s3kms-emu audit`: what lies how in a running emulator, who calls KMS, and what is wrong with that.
 * @returns 1 where something was found that --fail-on names; stderr says what
 * @throws Error in one line; OptionFault where it was asked wrongly
 */
export async function audit(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const format = formatOf(flags)
  const kinds = flags.failOn === undefined ? [] : kindsOf(flags.failOn)
  const by = flags.by === undefined ? undefined : unitOf(flags.by)
  const client = openClient(flags, environment, now)
  const found = await client.control(auditRoute, { by, ...(await rangeOf(flags, client, now)) })
  write(`${auditFormats[format](found, terminalWidth())}\n`)
  const failures = failuresIn(found, kinds)
  if (failures.length > 0) process.stderr.write(`--fail-on: ${failures.join(', ')}\n`)
  return failures.length > 0 ? 1 : 0
}

function failuresIn({ counts }: Audit, kinds: readonly FindingKind[]): string[] {
  return kinds.flatMap((kind) => (counts[kind] === undefined ? [] : [`${counts[kind]} ${kind}`]))
}

/** @throws OptionFault */
function formatOf({ format, json }: Flags): AuditFormat {
  if (json && format !== undefined && format !== 'json')
    throw new OptionFault('--json is --format json: name one of both')
  if (json) return 'json'
  const text: string = format ?? 'table'
  const known = Object.keys(auditFormats).find((name): name is AuditFormat => name === text)
  if (known) return known
  throw new OptionFault(`--format must be one of ${Object.keys(auditFormats).join(', ')}, not '${text}'`)
}

/** @param text kinds of findings with commas between @returns each once @throws OptionFault */
function kindsOf(text: string): FindingKind[] {
  const kinds = text.split(',').map((word) => {
    const kind = word.trim()
    if (isFindingKind(kind)) return kind
    throw new OptionFault(`--fail-on takes ${Object.keys(findingKinds).join(', ')}, not '${kind}'`)
  })
  return [...new Set(kinds)]
}

/** @throws OptionFault */
function unitOf(text: string): PeriodUnit {
  if (isPeriodUnit(text)) return text
  throw new OptionFault(`--by must be one of ${periodUnits.join(', ')}, not '${text}'`)
}

/** @throws OptionFault */
async function rangeOf(flags: Flags, client: Client, now: () => number): Promise<{ since?: string; until?: string }> {
  if (flags.since === undefined && flags.until === undefined) return {}
  const time = await emulatorTime(client, now)
  const [since, until] = (['since', 'until'] as const).map((name) =>
    flags[name] === undefined ? undefined : timeOf(`--${name}`, flags[name], time),
  )
  if (since !== undefined && until !== undefined && since > until) throw new OptionFault('--since is after --until')
  return { since: since?.toString(), until: until?.toString() }
}
