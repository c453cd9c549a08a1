import type { Audit } from '../../lab/audit/audit.ts'
import { findingKinds } from '../../lab/audit/findings.ts'
import { version } from '../../version.ts'
import { prettyJson, printable, table } from '../output.ts'

/** How an audit is written. */
export const auditFormats = {
  table: asTable,
  json: (audit: Audit) => JSON.stringify(audit),
  markdown: asMarkdown,
  sarif: (audit: Audit) => prettyJson(asSarif(audit)),
} as const

export type AuditFormat = keyof typeof auditFormats

function asTable({ objects, calls, findings, counts }: Audit): string {
  const listed = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return [
    table(['SCHEME', 'KEY', 'VERSIONS', 'BYTES'], objects.map(objectRow)),
    table(['KEY', 'CALLER', 'EVENT', 'CALLS', 'REFUSED', 'LAST'], calls.map(callRow)),
    ...findings.map(({ level, kind, message }) => `${level.padEnd(8)}${kind}: ${printable(message)}`),
    findings.length < listed ? `${listed - findings.length} more are not listed` : '',
    listed === 0 ? 'nothing was found' : `found: ${countsIn(counts)}`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function asMarkdown({ time, objects, calls, findings, counts }: Audit): string {
  return [
    `# Audit of ${time}`,
    '## Objects',
    markdownTable(['Scheme', 'Key', 'Versions', 'Bytes'], objects.map(objectRow)),
    '## Calls of KMS',
    markdownTable(['Key', 'Caller', 'Event', 'Calls', 'Refused', 'Last'], calls.map(callRow)),
    '## Findings',
    findings.length === 0 ? 'None.' : countsIn(counts),
    findings.map(({ level, kind, message }) => `- **${level}** ${kind}: ${escaped(message)}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function objectRow({ scheme, keyArn, versions, bytes }: Audit['objects'][number]): string[] {
  return [scheme === 'none' ? 'in clear' : scheme, keyArn ?? '', String(versions), String(bytes)]
}

function callRow({ keyArn, caller, event, calls, refused, last }: Audit['calls'][number]): string[] {
  return [keyArn, caller, event, String(calls), String(refused), last]
}

function countsIn(counts: Audit['counts']): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
}

function markdownTable(headings: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(escaped).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

function escaped(text: string): string {
  return printable(text).replace(/[\\|<>*_`[\]]/g, '\\$&')
}

/** SARIF 2.1.0 (OASIS), as code scanning of GitHub and others take it. */
function asSarif({ findings }: Audit): object {
  const rules = Object.entries(findingKinds).map(([id, { level, title }]) => ({
    id,
    shortDescription: { text: `Something ${title}` },
    defaultConfiguration: { level },
  }))
  const results = findings.map(({ kind, level, where, message }) => ({
    ruleId: kind,
    level,
    message: { text: message },
    locations: [{ logicalLocations: [{ fullyQualifiedName: where }] }],
  }))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 's3kms-emu', version, rules } }, results }],
  }
}
