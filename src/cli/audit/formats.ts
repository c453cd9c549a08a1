import type { Audit } from '../../lab/audit/audit.ts'
import { periodStart } from '../../lab/audit/periods.ts'
import { lineOfJson, prettyJson, printable, table } from '../output.ts'
import { asSarif } from './sarif.ts'
import { spanOf, sparkline } from './sparkline.ts'

/** How an audit is written; `width` is that of the terminal, undefined where there is none. */
export const auditFormats = {
  table: asTable,
  json: (audit: Audit) => lineOfJson(audit),
  markdown: asMarkdown,
  sarif: (audit: Audit) => prettyJson(asSarif(audit)),
} as const satisfies Record<string, (audit: Audit, width?: number) => string>

export type AuditFormat = keyof typeof auditFormats

function asTable(audit: Audit, width?: number): string {
  const { objects, findings, counts, unlistedCalls } = audit
  const found = Object.values(counts).reduce((sum, count) => sum + count, 0)
  // A terminal has no room for whole ARNs, and their ends say more than their beginnings.
  const shown = width === undefined ? (arn: string) => arn : endOfArn
  const calls = callTable(audit, shown)
  return [
    table(objectHeadings, objectRows(objects, shown), { width }),
    table(calls.headings, calls.rows, { width }),
    unlistedCalls > 0 ? `${unlistedCalls} calls of other keys, callers and events are not listed` : '',
    ...findings.map(({ level, kind, message }) => `${level.padEnd(8)}${kind}: ${printable(message)}`),
    findings.length < found ? `${found - findings.length} more are not listed` : '',
    found === 0 ? 'nothing was found' : `found: ${countsIn(counts)}`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function asMarkdown(audit: Audit): string {
  const { time, objects, findings, counts, unlistedCalls } = audit
  const calls = callTable(audit, (arn) => arn)
  const found = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return [
    `# Audit of ${time}`,
    '## Objects',
    markdownTable(objectHeadings, objectRows(objects)),
    '## Calls of KMS',
    markdownTable(calls.headings, calls.rows),
    unlistedCalls > 0 ? `${unlistedCalls} calls of other keys, callers and events are not listed.` : '',
    '## Findings',
    found === 0 ? 'None.' : countsIn(counts),
    findings.map(({ level, kind, message }) => `- **${level}** ${kind}: ${escaped(message)}`).join('\n'),
    findings.length < found ? `${found - findings.length} more are not listed.` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const objectHeadings = ['SCHEME', 'KEY', 'VERSIONS', 'UPLOADS', 'BYTES']

function objectRows(objects: Audit['objects'], shown = (arn: string) => arn): string[][] {
  return objects.map(({ scheme, keyArn = '', versions, uploads, bytes }) => [
    scheme === 'none' ? 'in clear' : scheme,
    shown(keyArn),
    ...[versions, uploads, bytes].map(String),
  ])
}

/** Calls with a line of bars, whose heading says what a bar is and where the line begins. */
function callTable(audit: Audit, shown: (arn: string) => string): { headings: string[]; rows: string[][] } {
  const span = spanOf(audit)
  const overTime = span && `BY ${span.by.toUpperCase()} SINCE ${periodStart(span.by, span.first)}`
  const rows = audit.calls.map((row) => [
    ...[shown(row.keyArn), shown(row.caller), row.event, String(row.calls), String(row.refused), row.last],
    ...(span ? [sparkline(row, span)] : []),
  ])
  return { headings: ['KEY', 'CALLER', 'EVENT', 'CALLS', 'REFUSED', 'LAST', ...(overTime ? [overTime] : [])], rows }
}

/** `52a443ea-7314-43a9-83ec-0c9cd0ff6c02` of a key, `user/test` of a user. */
function endOfArn(arn: string): string {
  const [, , , , , ...resource] = arn.split(':')
  return resource.length > 0 ? resource.join(':').replace(/^key\//, '') : arn
}

function countsIn(counts: Audit['counts']): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
}

function markdownTable(headings: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(escaped).join(' | ')} |`
  return [line(headings.map(titleOf)), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

/** `Key` of `KEY`; what is no word stays as it is. */
function titleOf(heading: string): string {
  return heading.replace(/[A-Z]{2,}/g, (word) => (word[0] ?? '') + word.slice(1).toLowerCase())
}

/** A text that Markdown, GitHub's included, shows as it is. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replace(/[\\|<>*_`[\]~$#]/g, '\\$&')
}
