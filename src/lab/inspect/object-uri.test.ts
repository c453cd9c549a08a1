import { expect, test } from '@jest/globals'
import { LabRefusal } from '../refusal.ts'
import { parseObjectUri } from './object-uri.ts'

test.each([
  ['s3://bucket/key', { bucket: 'bucket', key: 'key' }],
  ['s3://bucket/a/b c/?x', { bucket: 'bucket', key: 'a/b c/?x' }],
  ['s3://bucket//', { bucket: 'bucket', key: '/' }],
  ['s3://bucket/key?versionId=null', { bucket: 'bucket', key: 'key', versionId: 'null' }],
  ['s3://bucket/?versionId=1?versionId=2', { bucket: 'bucket', key: '?versionId=1', versionId: '2' }],
  ['s3://bucket/line\nbreak?versionId=a', { bucket: 'bucket', key: 'line\nbreak', versionId: 'a' }],
])('%j is an object', (uri, address) => {
  expect(parseObjectUri(uri)).toEqual(address)
})

test.each(['', 'bucket/key', 's3://bucket', 's3://bucket/', 's3:///key', 'https://bucket/key'])('%j is none', (uri) => {
  expect(() => parseObjectUri(uri)).toThrow(LabRefusal)
})
