import { expect, test } from '@jest/globals'
import { getObject, putObject } from '../calls.ts'
import { allowed, fails, noneAllows } from '../outcomes.ts'
import type { RecordedRow } from '../recording.ts'
import type { Scenario } from '../scenario.ts'
import { allow, bucket, bucketArn, may, roleArn } from '../statements.ts'
import { type Chapter, decisionsDocument } from './document.ts'

/* What docs/policy-decisions.md says is what the rows expect, or what AWS answered. */

const evidence = `
| one | A fact | recorded; of others: assumed |
| two | A fact with \`a\` \\| bar | docs |
| three | A guess | assumed |
`
const scenario: Scenario = {
  name: 'A user',
  source: 'evidence: one, two',
  users: { Alice: { policy: [may('s3:GetObject', `${bucketArn}/docs/*`)], boundary: [may('*')] } },
  buckets: bucket([
    { ...allow({ AWS: roleArn('ExampleRole') }, 's3:*'), Condition: { Null: { 's3:prefix': 'true' } } },
  ]),
  rows: [
    { by: 'Alice', call: getObject('a'), expect: allowed },
    {
      by: 'Alice',
      call: putObject('b'),
      when: 'with tags',
      expect: noneAllows('identity-based policy'),
      source: 'docs: A page',
    },
    {
      by: 'Alice',
      call: putObject('c'),
      expect: noneAllows('identity-based policy', 's3:PutObjectAcl'),
      source: 'assumed: the order',
    },
    {
      by: 'nobody',
      call: getObject('b'),
      expect: fails(404, 'NoSuchKey', 'It is a|b'),
      differs: { why: 'as it is simpler', emulator: allowed },
      source: 'evidence: three',
    },
  ],
}
const chapters = (rows: RecordedRow[] = []): Chapter[] => [
  {
    title: 'Title',
    scenarios: [scenario],
    recording: { target: 'aws', date: '2027-01-04T09:12:44.120Z', region: '', rows },
  },
]

test('A scenario is told with what is there, and each row with its answer and how far it is known', () => {
  expect(
    decisionsDocument(chapters(), evidence),
  ).toBe(`4 decisions. This suite recorded 0 of them from AWS; 2 are assumed.

## Title

### A user

- **Alice**: Allow \`s3:GetObject\` on \`BUCKET/docs/*\`. permissions boundary: Allow \`*\`
- **BUCKET**: policy: Allow \`s3:*\` to role ExampleRole if Null \`s3:prefix\` = \`true\`. objects: \`a\`
- known from [one](evidence.md), [two](evidence.md)

| who | asks | answer | known |
| --- | --- | --- | --- |
| Alice | GetObject a | 200 | docs |
| Alice | PutObject b with tags | 403 AccessDenied, because no identity-based policy allows the s3:PutObject action | docs: AWS, A page |
| Alice | PutObject c | 403 AccessDenied of \`s3:PutObjectAcl\`, because no identity-based policy allows the s3:PutObjectAcl action | **assumed**: the order |
| nobody | GetObject b | 404 NoSuchKey: It is a\\|b<br>**The emulator differs**, as it is simpler: 200 | **assumed**: [three](evidence.md) |
`)
})

test('What AWS answered stands there instead of what was expected, with its date', () => {
  const row = { case: 'A user: Alice GetObject a', status: 500, code: 'InternalError', message: 'Oh' }
  const document = decisionsDocument(chapters([row]), evidence)
  expect(document).toContain('| Alice | GetObject a | 500 InternalError: Oh | recorded 2027-01-04 |')
  expect(document).toContain('This suite recorded 1 of them from AWS; 2 are assumed.')
})

test('A source that is not in the list of evidence is refused', () => {
  expect(() => decisionsDocument(chapters(), '')).toThrow('docs/evidence.md has no row one')
})
