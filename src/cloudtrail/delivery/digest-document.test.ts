import { expect, test } from '@jest/globals'
import { digestDocument, textToSign } from './digest-document.ts'

const place = { bucket: 'logs', key: 'AWSLogs/digest.json.gz' }
const end = Date.UTC(2026, 10, 30, 11)
const file = (name: string, oldest: number, newest: number) => ({
  bucket: 'logs',
  key: name,
  hash: name,
  oldest,
  newest,
})
const files = [file('a', end - 3000, end - 2000), file('b', end - 5000, end - 2500)]
const previous = { bucket: 'old', key: 'before.json.gz', hash: 'ab', signature: 'cd', end: end - 3_600_000 }
const digest = { accountId: '111122223333', start: previous.end, end, ...place, fingerprint: 'f', files }

test('A digest tells of its log files, and of the digest before it', () => {
  expect(digestDocument({ ...digest, previous })).toMatchObject({
    digestStartTime: '2026-11-30T10:00:00Z',
    digestEndTime: '2026-11-30T11:00:00Z',
    oldestEventTime: '2026-11-30T10:59:55Z',
    newestEventTime: '2026-11-30T10:59:58Z',
    previousDigestS3Bucket: 'old',
    previousDigestS3Object: 'before.json.gz',
    previousDigestHashValue: 'ab',
    previousDigestHashAlgorithm: 'SHA-256',
    previousDigestSignature: 'cd',
    logFiles: [
      { s3Bucket: 'logs', s3Object: 'a', hashValue: 'a', hashAlgorithm: 'SHA-256' },
      { s3Object: 'b', newestEventTime: '2026-11-30T10:59:57Z', oldestEventTime: '2026-11-30T10:59:55Z' },
    ],
  })
})

test('The first of a chain names none before it', () => {
  expect(digestDocument({ ...digest, previous: undefined })).toMatchObject({
    previousDigestS3Bucket: null,
    previousDigestS3Object: null,
    previousDigestHashValue: null,
    previousDigestSignature: null,
  })
})

test('Signed is end, place, hash and the signature before, or null', () => {
  const lines = ['2026-11-30T11:00:00Z', 'logs/AWSLogs/digest.json.gz', 'ef']
  expect(textToSign({ ...place, end, hash: 'ef', previous })).toBe([...lines, 'cd'].join('\n'))
  expect(textToSign({ ...place, end, hash: 'ef', previous: undefined })).toBe([...lines, 'null'].join('\n'))
})
