import { expect, test } from '@jest/globals'
import type { Audit } from '../../lab/audit/audit.ts'
import { auditFormats } from './formats.ts'

const where = 's3://bucket/\u001b[31m\n\u009b2J\u202e|`<b>&amp; $a$ ~~b~~'
const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/52a443ea-7314-43a9-83ec-0c9cd0ff6c02'
const audit: Audit = {
  time: '2026-01-01T00:00:00.000Z',
  objects: [{ scheme: 'SSE-KMS', keyArn, versions: 2, uploads: 1, bytes: 3 }],
  by: 'day',
  calls: [
    {
      keyArn,
      caller: 'arn:aws:iam::000000000000:user/\u001b]0;|title',
      event: 'Decrypt',
      calls: 5,
      refused: 1,
      first: '2026-01-01T05:00:00Z',
      last: '2026-01-04T05:00:00Z',
      periods: [
        { start: '2026-01-01T00:00:00Z', calls: 1, refused: 0 },
        { start: '2026-01-04T00:00:00Z', calls: 4, refused: 1 },
      ],
    },
  ],
  unlistedCalls: 7,
  findings: [{ kind: 'unencrypted', level: 'error', where, message: `${where} lies in clear` }],
  counts: { unencrypted: 3 },
}

test.each(['table', 'json', 'markdown', 'sarif'] as const)(
  'As %s, no key of an object moves the cursor or forges a line',
  (format) => {
    const written = auditFormats[format](audit)
    expect(written).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    expect(written.split('\n').filter((line) => line.includes('2J'))).not.toHaveLength(0)
    expect(written.split('\n').filter((line) => line.startsWith('\u009b') || line.startsWith('|`<b>'))).toEqual([])
  },
)

test('A table shows what is counted, when, and how much is not listed', () => {
  const [objects, object, calls, call, unlisted, finding, more, found] = auditFormats.table(audit).split('\n')
  expect(objects?.split(/ +/)).toEqual(['SCHEME', 'KEY', 'VERSIONS', 'UPLOADS', 'BYTES'])
  expect(object?.split(/ +/)).toEqual(['SSE-KMS', keyArn, '2', '1', '3'])
  expect(calls).toMatch(/ LAST +BY DAY SINCE 2026-01-01T00:00:00Z$/)
  expect(call).toMatch(/ Decrypt +5 +1 +2026-01-04T05:00:00Z +▂··█$/)
  expect(unlisted).toBe('7 calls of other keys, callers and events are not listed')
  expect(finding).toMatch(/^error +unencrypted: s3:\/\/bucket/)
  expect([more, found]).toEqual(['2 more are not listed', 'found: 3 unencrypted'])
})

test.each([40, 80, 120])(
  'On a terminal of %i columns each row of a table has one line, and names the end of an ARN',
  (width) => {
    const rows = auditFormats.table(audit, width).split('\n').slice(0, 4)
    expect(rows.filter((row) => [...row].length > width)).toEqual([])
    expect([rows[1], rows[3]].filter((row) => /\b52a/.test(row ?? ''))).toHaveLength(2)
  },
)

test('Markdown shows names as they are: no cell ends early, and nothing of HTML, code or formulas begins', () => {
  const written = auditFormats.markdown(audit)
  expect(written).toContain('\\|\\`\\<b\\>&amp;amp; \\$a\\$ \\~\\~b\\~\\~ lies in clear')
  const rows = written.split('\n').filter((line) => line.startsWith('| arn:'))
  expect(rows.map((row) => row.match(/(?<!\\)\|/g)?.length)).toEqual([8])
})

test('JSON is the audit itself', () => {
  expect(JSON.parse(auditFormats.json(audit))).toEqual(audit)
})
