import { expect, test } from '@jest/globals'
import type { Audit } from '../../lab/audit/audit.ts'
import { auditFormats } from './formats.ts'

const where = 's3://bucket/\u001b[31m\n\u009b2J|<b>'
const audit: Audit = {
  time: '2026-01-01T00:00:00.000Z',
  objects: [],
  calls: [],
  findings: [{ kind: 'unencrypted', level: 'error', where, message: `${where} lies in clear` }],
  counts: { unencrypted: 1 },
}

test.each(['table', 'markdown', 'sarif'] as const)(
  'As %s, no key of an object moves the cursor or forges a line',
  (format) => {
    const written = auditFormats[format](audit)
    expect(written).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    expect(written.split('\n').filter((line) => line.includes('2J'))).not.toHaveLength(0)
    expect(written.split('\n').filter((line) => line.startsWith('\u009b') || line.startsWith('|<b>'))).toEqual([])
  },
)

test('SARIF keeps what it names as it is, for programs', () => {
  expect(JSON.parse(auditFormats.sarif(audit)).runs[0].results[0].message.text).toBe(`${where} lies in clear`)
})
