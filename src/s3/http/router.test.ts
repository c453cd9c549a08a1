import { expect, test } from '@jest/globals'
import type { Routed } from '../operation.ts'
import { operations } from '../operations/index.ts'
import { notImplemented } from '../operations/not-implemented.ts'
import { compileRoutes, demandsOf } from './router.ts'

const table: Routed[] = [...operations, ...notImplemented]

function route(method: string, target: string, headers: Record<string, string> = {}, rows = table): string {
  const [path = '', query = ''] = target.split('?')
  const [, bucket = '', key = ''] = path.split('/')
  return compileRoutes(rows).match(method, { bucket, key }, new Map(new URLSearchParams(query)), headers).name
}

test('No two routes demand the same', () => {
  const demands = table.map(demandsOf)
  expect(new Set(demands).size).toBe(demands.length)
})

test('No operation stands twice in the table', () => {
  const names = table.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test.each([
  ['GET', '/', 'ListBuckets'],
  ['GET', '/?x-id=ListBuckets', 'ListBuckets'],
  ['GET', '/?x-id=ListDirectoryBuckets', 'ListDirectoryBuckets'],
  ['GET', '/b', 'ListObjects'],
  ['GET', '/b?prefix=a', 'ListObjects'],
  ['GET', '/b?list-type=1', 'ListObjects'],
  ['GET', '/b?list-type=2&prefix=a', 'ListObjectsV2'],
  ['GET', '/b?versions', 'ListObjectVersions'],
  ['GET', '/b?analytics', 'ListBucketAnalyticsConfigurations'],
  ['GET', '/b?analytics&id=x', 'GetBucketAnalyticsConfiguration'],
  ['PUT', '/b?lifecycle', 'PutBucketLifecycleConfiguration'],
  ['PUT', '/b/k?tagging', 'PutObjectTagging'],
  ['POST', '/b?delete', 'DeleteObjects'],
  ['PUT', '/b/k?x-id=PutObject', 'PutObject'],
  ['HEAD', '/b/k?acl', 'HeadObject'],
])('%s %s is %s', (method, target, name) => {
  expect(route(method, target)).toBe(name)
})

test('The order of the table does not matter', () => {
  const reversed = [...table].reverse()
  for (const target of ['/b?versions', '/b?list-type=2', '/b?analytics&id=x', '/b/k?acl', '/b/k']) {
    expect(route('GET', target, {}, reversed)).toBe(route('GET', target))
  }
})

test('A header demand tells a copy from a put', () => {
  const rows = [
    { name: 'PutObject', route: 'PUT /{Bucket}/{Key+}' },
    { name: 'CopyObject', route: 'PUT /{Bucket}/{Key+} #x-amz-copy-source' },
    { name: 'UploadPart', route: 'PUT /{Bucket}/{Key+}?partNumber&uploadId' },
    { name: 'UploadPartCopy', route: 'PUT /{Bucket}/{Key+}?partNumber&uploadId #x-amz-copy-source' },
  ]
  const copy = { 'x-amz-copy-source': '/b/k' }
  expect(route('PUT', '/b/k', {}, rows)).toBe('PutObject')
  expect(route('PUT', '/b/k', copy, rows)).toBe('CopyObject')
  expect(route('PUT', '/b/k?partNumber=1&uploadId=u', {}, rows)).toBe('UploadPart')
  expect(route('PUT', '/b/k?partNumber=1&uploadId=u', copy, rows)).toBe('UploadPartCopy')
})

test.each([
  ['PATCH', '/b', 'BUCKET'],
  ['DELETE', '/', 'SERVICE'],
  ['PATCH', '/b/k', 'OBJECT'],
  ['DELETE', '/b/k?acl', 'ACL'],
  ['POST', '/b?location', 'LOCATION'],
])('%s %s is not allowed', (method, target, ResourceType) => {
  expect(() => route(method, target)).toThrow(
    expect.objectContaining({ code: 'MethodNotAllowed', status: 405, details: { Method: method, ResourceType } }),
  )
})

test('Two subresources in one request contradict each other', () => {
  expect(() => route('GET', '/b?policy&acl')).toThrow(
    expect.objectContaining({ code: 'InvalidArgument', message: 'Conflicting query string parameters: acl, policy' }),
  )
})
