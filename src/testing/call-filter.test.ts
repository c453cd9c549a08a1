import { expect, test } from '@jest/globals'
import type { TrailRecord } from '../trail/event.ts'
import { type CallFilter, differencesOf, type ResolvedFilter, requireFilter } from './call-filter.ts'
import { listOf, wordsOf } from './call-list.ts'
import { recordedCallOf } from './recorded-call.ts'

const arn = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555'
const record: TrailRecord = {
  eventVersion: '1.11',
  userIdentity: {
    type: 'IAMUser',
    userName: 'app',
    arn: 'arn:aws:iam::000000000000:user/app',
    accountId: '000000000000',
    invokedBy: 'fas.s3.amazonaws.com',
  },
  eventTime: '2026-11-30T10:00:00Z',
  eventSource: 'kms.amazonaws.com',
  eventName: 'Decrypt',
  awsRegion: 'us-east-1',
  sourceIPAddress: 'fas.s3.amazonaws.com',
  userAgent: 'fas.s3.amazonaws.com',
  errorCode: 'AccessDenied',
  requestParameters: { keyId: 'alias/app', encryptionContext: { tenant: 'a' } },
  responseElements: null,
  requestID: 'one',
  eventID: 'one',
  readOnly: true,
  resources: [{ accountId: '000000000000', type: 'AWS::KMS::Key', ARN: arn }],
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '000000000000',
  eventCategory: 'Management',
}
const call = recordedCallOf(record)

test('A record is told in the words of a test, without what it does not have', () => {
  const { record: whole, ...told } = call
  expect(whole).toBe(record)
  expect(told).toStrictEqual({
    time: new Date('2026-11-30T10:00:00Z'),
    service: 'kms',
    event: 'Decrypt',
    key: arn,
    keyNamed: 'alias/app',
    context: { tenant: 'a' },
    caller: { name: 'app', arn: 'arn:aws:iam::000000000000:user/app', accountId: '000000000000', via: 's3' },
    error: 'AccessDenied',
    requestId: 'one',
  })
})

const meant: [string, ResolvedFilter][] = [
  ['nothing', {}],
  ['the event in any case', { event: 'decrypt', service: 'kms' }],
  ['the key as it was named', { key: 'alias/app' }],
  ['the key by its ARN', { key: arn }],
  ['the key by its id', { key: '11111111-2222-3333-4444-555555555555' }],
  ['the key by another name, resolved', { key: 'alias/other', keyArn: arn }],
  ['a pair of the context', { context: { tenant: 'a' } }],
  ['the caller by name', { caller: 'app' }],
  ['the caller by ARN', { caller: 'arn:aws:iam::000000000000:user/app', via: 's3' }],
  ['any error', { error: true }],
  ['the error as the record has it', { error: 'AccessDenied' }],
  ['the error as KMS answers it', { error: 'AccessDeniedException' }],
  ['the error as S3 answers it', { error: 'KMS.AccessDeniedException' }],
  ['a moment of the same second', { since: new Date('2026-11-30T10:00:00.900Z'), requestId: 'one' }],
]

test.each(meant)('A filter with %s means the call', (_, filter) => {
  expect(differencesOf(call, filter)).toEqual([])
})

const other: [CallFilter, string][] = [
  [{ service: 's3' }, 'service: kms, not s3'],
  [{ event: 'Encrypt' }, 'event: Decrypt, not Encrypt'],
  [{ key: 'alias/other' }, 'key: alias/app, not alias/other'],
  [{ context: { tenant: 'b' } }, 'context: tenant=a, not tenant=b'],
  [{ context: { other: 'b' } }, 'context: no other, not other=b'],
  [{ caller: 'test' }, 'caller: app, not test'],
  [{ via: 'sts' }, 'via: s3, not sts'],
  [{ error: false }, 'error: AccessDenied, not none'],
  [{ error: 'DisabledException' }, 'error: AccessDenied, not DisabledException'],
  [{ bucket: 'uploads' }, 'bucket: none, not uploads'],
  [{ object: 'a' }, 'object: none, not a'],
  [{ requestId: 'two' }, 'requestId: one, not two'],
  [{ since: new Date('2026-11-30T10:00:01Z') }, 'it was before'],
]

test.each(other)('A filter with %j does not mean it, and says why', (filter, difference) => {
  expect(differencesOf(call, filter)).toEqual([difference])
})

test('Both contexts of ReEncrypt count', () => {
  const contexts = { sourceEncryptionContext: { tenant: 'a' }, destinationEncryptionContext: { tenant: 'b' } }
  const reEncrypt = recordedCallOf({ ...record, eventName: 'ReEncrypt', requestParameters: contexts })
  expect(reEncrypt).toMatchObject({ context: { tenant: 'a' }, destinationContext: { tenant: 'b' } })
  expect(differencesOf(reEncrypt, { context: { tenant: 'a' } })).toEqual([])
  expect(differencesOf(reEncrypt, { context: { tenant: 'b' } })).toEqual([])
})

test('A list shows the newest twenty, and says of the nearest what is different', () => {
  const far = recordedCallOf({ ...record, eventName: 'Encrypt' })
  const list = listOf([...Array(21).fill(far), call], { event: 'Decrypt', context: { tenant: 'b' } })
  const lines = list.split('\n')
  expect(lines).toHaveLength(21)
  expect(lines[0]).toBe('  … 2 before')
  expect(lines.at(-1)).toBe(
    '  22.  Decrypt  alias/app  app via s3  AccessDenied  tenant=a  <- context: tenant=a, not tenant=b',
  )
  expect(lines.filter((line) => line.includes('<-'))).toHaveLength(1)
  expect(listOf([], {})).toBe('  none')
})

test('A filter is told in a line', () => {
  const filter = {
    event: 'Decrypt',
    key: 'alias/app',
    keyArn: arn,
    context: { a: 'b' },
    error: true,
    since: new Date(0),
  }
  expect(wordsOf(filter)).toBe('key alias/app, error true, context a=b, since 1970-01-01T00:00:00.000Z')
})

test.each([
  [{ evnt: 'Decrypt' } as CallFilter, 'a filter of calls has no member evnt: it has service, event, key, '],
  [{ since: '2026-11-30' as unknown as Date }, 'since is a Date, not 2026-11-30'],
  [{ since: new Date(Number.NaN) }, 'since is a Date'],
])('A filter that would be passed over is refused: %j', (filter, words) => {
  expect(() => requireFilter(filter)).toThrow(words)
})
