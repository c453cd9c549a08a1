import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { partitions } from './object-key.ts'

const ambient = new TurnableAmbient(Date.parse('2026-11-29T21:30:05.123Z'))
const source = {
  name: 'source',
  region: 'us-east-1',
  ownerAccountId: '111122223333',
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced' as const,
}
const lines = ['2026-11-28T23:59:59.999Z', '2026-11-29T00:00:00.000Z', '2026-11-29T12:00:00.000Z'].map(
  (time, index) => ({
    bucket: 'source',
    time: Date.parse(time),
    id: String(index),
    text: `line ${index}`,
  }),
)
const place = 'p/111122223333/us-east-1/source/'
const shown = (format?: Parameters<typeof partitions>[1]['TargetObjectKeyFormat']) =>
  partitions(source, { TargetPrefix: 'p/', TargetObjectKeyFormat: format }, lines, ambient).map(({ key, texts }) => [
    key.replace(/-[0-9A-F]{16}$/, ''),
    texts,
  ])
const all = ['line 0', 'line 1', 'line 2']

test('A simple key has the time of the delivery', () => {
  expect(shown()).toEqual([['p/2026-11-29-21-30-05', all]])
  expect(shown({ SimplePrefix: {} })).toEqual([['p/2026-11-29-21-30-05', all]])
})

test('A partitioned key has account, Region, bucket and the day of the delivery', () => {
  const expected = [[`${place}2026/11/29/2026-11-29-21-30-05`, all]]
  expect(shown({ PartitionedPrefix: { PartitionDateSource: 'DeliveryTime' } })).toEqual(expected)
  expect(shown({ PartitionedPrefix: {} })).toEqual(expected)
})

test('By the time of the events an object has the lines of one day', () => {
  expect(shown({ PartitionedPrefix: { PartitionDateSource: 'EventTime' } })).toEqual([
    [`${place}2026/11/28/2026-11-28-00-00-00`, ['line 0']],
    [`${place}2026/11/29/2026-11-29-00-00-00`, ['line 1', 'line 2']],
  ])
})
