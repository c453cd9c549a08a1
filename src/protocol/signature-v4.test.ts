import { expect, test } from '@jest/globals'
import { canonicalRequest, cutCredential, formatTime, parseTime, readTime, signedNames } from './signature-v4.ts'

test.each([
  ['20130524T000000Z', Date.UTC(2013, 4, 24)],
  ['20001231T235959Z', Date.UTC(2000, 11, 31, 23, 59, 59)],
  ['20190901T123456Z', Date.UTC(2019, 8, 1, 12, 34, 56)],
  ['20190110T093000Z', Date.UTC(2019, 0, 10, 9, 30)],
])('%s is a time, and written back it is the same', (text, time) => {
  expect(parseTime(text)).toBe(time)
  expect(formatTime(time)).toBe(text)
  expect(readTime(text)).toEqual({ time, text })
})

test.each([
  '',
  '20130024T000000Z',
  '20131324T000000Z',
  '20130500T000000Z',
  '20130532T000000Z',
  '20130524T240000Z',
  '20130524T006000Z',
  '20130524T000060Z',
  '20130524T000000',
  '20130524T000000Zx',
  'x20130524T000000Z',
  '2013-05-24T00:00:00Z',
])('%j is not a time in the form of SigV4', (text) => {
  expect(parseTime(text)).toBeUndefined()
})

test('A time in one of HTTP’s forms is read, and written as SigV4 writes it', () => {
  const time = Date.UTC(2013, 4, 24)
  expect(readTime('Fri, 24 May 2013 00:00:00 GMT')).toEqual({ time, text: '20130524T000000Z' })
  expect(readTime('soon')).toBeUndefined()
})

test('A canonical request sorts its query by name, then by value, and squeezes white space in headers', () => {
  const query = [
    ['b', '2'],
    ['a', 'z'],
    ['b', '1'],
    ['a-', ''],
    ['a', 'a b'],
  ] as const
  const headers = { host: 'h', 'x-amz-meta-a': '  a \t  b  ' }
  const signedHeaders = ['x-amz-meta-a', 'host', 'x-amz-missing']
  expect(canonicalRequest({ method: 'GET', path: '/p', query, headers, signedHeaders, payloadHash: 'hash' })).toBe(
    'GET\n/p\na=a%20b&a=z&a-=&b=1&b=2\nx-amz-meta-a:a b\nhost:h\nx-amz-missing:\n\nx-amz-meta-a;host;x-amz-missing\nhash',
  )
  expect(
    canonicalRequest({ method: 'PUT', path: '/', query: [], headers, signedHeaders: ['host'], payloadHash: '' }),
  ).toBe('PUT\n/\n\nhost:h\n\nhost\n')
})

test('A credential is cut from behind, for an access key may hold a slash', () => {
  const scope = { date: '20130524', region: 'us-east-1', service: 's3' }
  expect(cutCredential('A/B/20130524/us-east-1/s3/aws4_request')).toEqual({
    accessKeyId: 'A/B',
    scope,
    terminal: 'aws4_request',
  })
  expect(cutCredential('us-east-1/s3/aws4_request')).toEqual({
    accessKeyId: '',
    scope: { date: 'us-east-1', region: 's3', service: 'aws4_request' },
    terminal: '',
  })
  expect(cutCredential('')).toEqual({ accessKeyId: '', scope: { date: '', region: '', service: '' }, terminal: '' })
})

test('Names of signed headers count in lower case', () => {
  expect(signedNames('Host;X-Amz-Date')).toEqual(['host', 'x-amz-date'])
})
