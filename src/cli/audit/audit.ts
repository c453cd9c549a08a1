import { audit as auditRoute } from '../../control/routes/audit.ts'
import { type FindingKind, findingKinds, isFindingKind } from '../../lab/audit/findings.ts'
import { OptionFault } from '../../options.ts'
import { openClient } from '../client.ts'
import type { Flags, Terminal } from '../client-command.ts'
import { type AuditFormat, auditFormats } from './formats.ts'

/**
 * `s3kms-emu audit`: what lies how in a running emulator, and what is wrong with that.
 * @returns 1 where something was found that --fail-on names
 * @throws Error in one line
 */
export async function audit(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const format = flags.json ? 'json' : formatOf(flags.format ?? 'table')
  const kinds = flags.failOn === undefined ? [] : kindsOf(flags.failOn)
  const found = await openClient(flags, environment, now).control(auditRoute, {})
  write(`${auditFormats[format](found)}\n`)
  return kinds.some((kind) => (found.counts[kind] ?? 0) > 0) ? 1 : 0
}

/** @throws OptionFault */
function formatOf(text: string): AuditFormat {
  const format = Object.keys(auditFormats).find((known): known is AuditFormat => known === text)
  if (format) return format
  throw new OptionFault(`--format must be one of ${Object.keys(auditFormats).join(', ')}, not '${text}'`)
}

/** @param text kinds of findings with commas between @throws OptionFault */
function kindsOf(text: string): FindingKind[] {
  return text.split(',').map((word) => {
    const kind = word.trim()
    if (isFindingKind(kind)) return kind
    throw new OptionFault(`--fail-on takes ${Object.keys(findingKinds).join(', ')}, not '${kind}'`)
  })
}
