import { expect, test } from '@jest/globals'
import type { Audit } from '../../lab/audit/audit.ts'
import { type Finding, type FindingKind, findingKinds } from '../../lab/audit/findings.ts'
import { auditFormats } from './formats.ts'

function sarifOf(...findings: Finding[]) {
  const audit: Audit = {
    time: '2026-01-01T00:00:00.000Z',
    objects: [],
    by: 'hour',
    calls: [],
    unlistedCalls: 0,
    findings,
    counts: {},
  }
  return JSON.parse(auditFormats.sarif(audit))
}

function found(kind: FindingKind, where: string, message = `${where} is wrong`): Finding {
  return { kind, level: findingKinds[kind].level, where, message }
}

test('A log has what code scanning of GitHub asks for', () => {
  const kinds = Object.keys(findingKinds).map((kind) => found(kind as FindingKind, `s3://bucket/${kind}`))
  const log = sarifOf(...kinds)
  expect(log).toMatchObject({ $schema: expect.stringContaining('sarif-2.1.0'), version: '2.1.0' })
  expect(log.runs).toHaveLength(1)
  const [{ tool, results }] = log.runs
  expect(tool.driver).toMatchObject({ name: 's3kms-emu', version: expect.any(String) })
  for (const rule of tool.driver.rules) {
    expect(rule).toEqual({
      id: expect.any(String),
      name: expect.any(String),
      shortDescription: { text: expect.any(String) },
      fullDescription: { text: expect.any(String) },
      help: { text: expect.any(String) },
      defaultConfiguration: { level: expect.stringMatching(/^(error|warning|note)$/) },
      properties: { tags: ['security'], 'security-severity': expect.stringMatching(/^\d+\.\d$/) },
    })
  }
  expect(results).toHaveLength(kinds.length)
  for (const result of results) {
    expect(result).toEqual({
      ruleId: tool.driver.rules[result.ruleIndex].id,
      ruleIndex: expect.any(Number),
      level: expect.stringMatching(/^(error|warning|note)$/),
      message: { text: expect.any(String) },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: expect.any(String) }, region: { startLine: 1 } },
          logicalLocations: [{ fullyQualifiedName: expect.any(String) }],
        },
      ],
      partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
  }
})

test.each([
  ['s3://bucket', 's3://bucket'],
  ['s3://bucket/a b/ü?versionId=x', 's3://bucket/a%20b/%C3%BC%3FversionId%3Dx'],
  ['s3://bucket//a/../\u001b[31m\n|<b>', 's3://bucket//a/../%1B%5B31m%0A%7C%3Cb%3E'],
  ['arn:aws:kms:us-east-1:000000000000:key/1', 'arn:aws:kms:us-east-1:000000000000:key/1'],
])('%j is a place with the URI %s, and is named as it is', (where, uri) => {
  const [{ physicalLocation, logicalLocations }] = sarifOf(found('unencrypted', where)).runs[0].results[0].locations
  expect(physicalLocation.artifactLocation.uri).toBe(uri)
  expect(logicalLocations).toEqual([{ fullyQualifiedName: where }])
})

test('A finding has the same fingerprint in the next run, and no other finding has it', () => {
  const one = (requestId: string, name: string) =>
    found('sensitive-context', 'arn:key', `${name} looks like a secret, in Encrypt ${requestId}`)
  const requestIds = ['8f0c8a3e-2c0e-4a56-9d3f-0c8d1f6f2b11', '11111111-2c0e-4a56-9d3f-0c8d1f6f2b11']
  const findings = [...requestIds.map((id) => one(id, 'a')), one(requestIds[0] ?? '', 'b')]
  const [first, again, other] = sarifOf(...findings).runs[0].results.map(
    (result: { partialFingerprints: { primaryLocationLineHash: string } }) =>
      result.partialFingerprints.primaryLocationLineHash,
  )
  expect(again).toBe(first)
  expect(other).not.toBe(first)
})
