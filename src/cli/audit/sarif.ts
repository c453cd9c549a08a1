import { createHash } from 'node:crypto'
import type { Audit } from '../../lab/audit/audit.ts'
import { findingKinds } from '../../lab/audit/findings.ts'
import { version } from '../../version.ts'

/*
 * SARIF 2.1.0 (OASIS) with all that GitHub's code scanning wants of it ("SARIF support for code scanning"):
 *
 *   runs[0].tool.driver.rules   what kinds of findings there are, each with its help
 *   runs[0].results             a finding: its rule, its words, and a place, which is the URI of the object or the ARN of the key
 *                               with a fingerprint, by which it is the same one in the next run
 */

/** The numbers by which code scanning sorts what touches security: critical is above 9.0, high above 7.0, low below 4.0. */
const severities = { error: '8.0', warning: '5.5', note: '2.0' } as const

export function asSarif({ findings }: Audit): object {
  const kinds = Object.keys(findingKinds)
  const results = findings.map(({ kind, level, where, message }) => ({
    ruleId: kind,
    ruleIndex: kinds.indexOf(kind),
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(where) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: where }],
      },
    ],
    partialFingerprints: { primaryLocationLineHash: fingerprintOf(message) },
  }))
  const informationUri = 'https://github.com/s3kms-emu/s3kms-emu'
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 's3kms-emu', version, informationUri, rules: rulesOf() } }, results }],
  }
}

function rulesOf(): object[] {
  return Object.entries(findingKinds).map(([id, { level, title }]) => ({
    id,
    name: id,
    shortDescription: { text: `Something ${title}` },
    fullDescription: { text: `Something ${title}.` },
    help: { text: `Something ${title}. \`s3kms-emu audit --fail-on ${id}\` fails where there is one.` },
    defaultConfiguration: { level },
    properties: { tags: ['security'], 'security-severity': severities[level] },
  }))
}

/** Keys of objects may have any character: what a URI has not is percent-encoded (RFC 3986), and `..` and `//` stay what they are. */
function uriOf(where: string): string {
  const encode = (text: string) => text.split('/').map(encodeURIComponent).join('/')
  const [, bucket = '', key] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(where) ?? []
  if (bucket !== '') return key === undefined ? `s3://${bucket}` : `s3://${bucket}/${encode(key)}`
  return where.startsWith('arn:') ? encode(where).replaceAll('%3A', ':') : encode(where)
}

/** The words of a request's id differ from run to run, what was found does not. */
function fingerprintOf(message: string): string {
  return createHash('sha256')
    .update(message.replace(/ [0-9a-f-]{36}$/, ''))
    .digest('hex')
    .slice(0, 32)
}
