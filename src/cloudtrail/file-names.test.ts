import { expect, test } from '@jest/globals'
import { digestKey, logFileKey } from './file-names.ts'

const trail = { accountId: '111122223333', name: 'all', homeRegion: 'us-east-1' }
const time = Date.UTC(2026, 10, 30, 4, 5, 59)

test('A log file is named by account, Region, the minute of its delivery and 16 letters or digits', () => {
  expect(
    logFileKey(trail, 'eu-west-1', time, Buffer.from(Array.from({ length: 16 }, (_, index) => index * 17))),
  ).toMatch(
    /^AWSLogs\/111122223333\/CloudTrail\/eu-west-1\/2026\/11\/30\/111122223333_CloudTrail_eu-west-1_20261130T0405Z_[A-Za-z0-9]{16}\.json\.gz$/,
  )
})

test('A prefix comes before AWSLogs', () => {
  const key = logFileKey({ ...trail, prefix: 'a/b' }, 'us-east-1', time, Buffer.alloc(16))
  expect(key).toBe(
    'a/b/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/30/111122223333_CloudTrail_us-east-1_20261130T0405Z_AAAAAAAAAAAAAAAA.json.gz',
  )
})

test('A digest is named by its trail and the home Region too, and the second of its end', () => {
  expect(digestKey(trail, 'eu-west-1', time)).toBe(
    'AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/30/111122223333_CloudTrail-Digest_eu-west-1_all_us-east-1_20261130T040559Z.json.gz',
  )
})
