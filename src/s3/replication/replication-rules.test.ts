import { expect, test } from '@jest/globals'
import { type ReplicationRule, rulesForAmendment, rulesForMarker, rulesForVersion } from './replication-rules.ts'

const rule = (ID: string, more: Partial<ReplicationRule> = {}): ReplicationRule => ({
  ID,
  Status: 'Enabled',
  Priority: 0,
  Filter: {},
  Destination: { Bucket: 'arn:aws:s3:::target' },
  DeleteMarkerReplication: { Status: 'Disabled' },
  ...more,
})
const of = (...Rules: ReplicationRule[]) => ({ Role: 'role', Rules })
const idsOf = (rules: readonly ReplicationRule[]) => rules.map(({ ID }) => ID)
const plain = { key: 'a/b', attributes: undefined, scheme: 'none' } as const
const tag = (Key: string, Value = 'v') => ({ Key, Value })
const kms = { SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } } } as const

test.each<[string, Partial<ReplicationRule>, Partial<Parameters<typeof rulesForVersion>[1]>, boolean]>([
  ['of any key', {}, {}, true],
  ['that is disabled', { Status: 'Disabled' }, {}, false],
  ['of a prefix', { Filter: { Prefix: 'a/' } }, {}, true],
  ['of another prefix', { Filter: { Prefix: 'b/' } }, {}, false],
  ['of V1, of a prefix', { Filter: undefined, Prefix: 'a/' }, {}, true],
  ['of V1, of another', { Filter: undefined, Prefix: 'b' }, {}, false],
  ['of a tag that is missing', { Filter: { Tag: tag('k') } }, {}, false],
  ['of a tag', { Filter: { Tag: tag('k') } }, { attributes: { tags: [tag('k'), tag('l')] } }, true],
  ['of another value', { Filter: { Tag: tag('k') } }, { attributes: { tags: [tag('k', 'w')] } }, false],
  [
    'of prefix and tags',
    { Filter: { And: { Prefix: 'a', Tags: [tag('k')] } } },
    { attributes: { tags: [tag('k')] } },
    true,
  ],
  [
    'of prefix and more tags',
    { Filter: { And: { Prefix: 'a', Tags: [tag('k'), tag('l')] } } },
    { attributes: { tags: [tag('k')] } },
    false,
  ],
  ['of what is under a KMS key, not asked for', {}, { scheme: 'SSE-KMS' }, false],
  ['of what is under two layers, not asked for', {}, { scheme: 'DSSE-KMS' }, false],
  ['of what is under a KMS key', kms, { scheme: 'SSE-KMS' }, true],
  ['of what is under two layers', kms, { scheme: 'DSSE-KMS' }, true],
  ['of what is under a customer’s key', {}, { scheme: 'SSE-C' }, true],
  ['of an archived version', {}, { attributes: { storageClass: 'GLACIER' } }, false],
  ['of one archived deeply', {}, { attributes: { storageClass: 'DEEP_ARCHIVE' } }, false],
  ['of one that is read at once', {}, { attributes: { storageClass: 'GLACIER_IR' } }, true],
])('A rule %s', (_, more, version, matches) => {
  expect(rulesForVersion(of(rule('x', more)), { ...plain, ...version })).toHaveLength(matches ? 1 : 0)
})

test('Of each destination the highest priority counts, whatever the order; of rules that match', () => {
  const other = { Destination: { Bucket: 'arn:aws:s3:::other' } }
  const rules = of(
    rule('low', { Priority: 1 }),
    rule('high', { Priority: 3 }),
    rule('higher, of another prefix', { Priority: 9, Filter: { Prefix: 'z' } }),
    rule('middle', { Priority: 2 }),
    rule('other', other),
  )
  expect(idsOf(rulesForVersion(rules, plain))).toEqual(['high', 'other'])
})

test('Delete markers: V1 always, V2 where it says so, never by tags', () => {
  const enabled = { DeleteMarkerReplication: { Status: 'Enabled' } } as const
  const matching = (more: Partial<ReplicationRule>) => rulesForMarker(of(rule('x', more)), 'a/b').length
  expect(matching({ Filter: undefined })).toBe(1)
  expect(matching({})).toBe(0)
  expect(matching(enabled)).toBe(1)
  expect(matching({ ...enabled, Filter: { Prefix: 'z' } })).toBe(0)
  expect(matching({ ...enabled, Filter: { Tag: tag('k') } })).toBe(0)
})

test('What is amended follows to where the version went, by tags it need not have any more; of a replica where it is asked for', () => {
  const rules = of(
    rule('target', { Filter: { Tag: tag('k') } }),
    rule('new', { Destination: { Bucket: 'arn:aws:s3:::new' } }),
    rule('back', {
      Destination: { Bucket: 'arn:aws:s3:::back' },
      SourceSelectionCriteria: { ReplicaModifications: { Status: 'Enabled' } },
    }),
  )
  expect(idsOf(rulesForAmendment(rules, 'a', { destinations: { target: 'COMPLETED' } }))).toEqual(['target'])
  expect(idsOf(rulesForAmendment(rules, 'a', { isReplica: true }))).toEqual(['back'])
})
