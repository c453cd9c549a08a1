import { createHash } from 'node:crypto'
import type { AddressedRequest, Need, S3Operation } from '../../src/s3/operation.ts'
import type { Sent } from './callers.ts'

/* A request for every S3 operation, made of its route: a new operation has one by itself. */

/** What a request is made of; also of an operation that is not here. */
export type Tried = Pick<S3Operation, 'name' | 'route' | 'level' | 'needs' | 'addressing'>

export interface Target {
  bucket: string
  key: string
  /** Of an upload in progress to the key. */
  uploadId: string
}

const values: Record<string, string> = { partNumber: '1', id: 'one' }

export function requestFor({ name, route, level }: Tried, target: Target): Sent {
  const [method = '', place = '', ...demands] = route.split(' ')
  const [, search = ''] = place.split('?')
  const path = level === 'service' ? '/' : `/${target.bucket}${place.includes('{Key+}') ? `/${target.key}` : ''}`
  const parameters = search.split('&').filter((parameter) => parameter !== '')
  const query = Object.fromEntries(
    parameters.map((parameter) => {
      const [name = '', value = values[name] ?? (name === 'uploadId' ? target.uploadId : '')] = parameter.split('=')
      return [name, value]
    }),
  )
  const copied = demands.includes('#x-amz-copy-source') && { 'x-amz-copy-source': `${target.bucket}/${target.key}` }
  const request = { method, path, query, headers: { ...copied } }
  if (name === 'PostObject') return { ...request, ...formOf(target) }
  return { ...request, ...decidedBy[name]?.request(target) }
}

/** Headers that ask for more, one of each kind. */
const asking: Record<string, string> = {
  'x-amz-acl': 'private',
  'x-amz-tagging': 'a=b',
  'x-amz-object-lock-mode': 'GOVERNANCE',
  'x-amz-object-lock-legal-hold': 'ON',
  'x-amz-bypass-governance-retention': 'true',
  'x-amz-object-ownership': 'ObjectWriter',
  'x-amz-bucket-object-lock-enabled': 'true',
  'if-match': '"0123456789abcdef0123456789abcdef"',
}

/** The request, and each of its kinds that needs something else: of a version, from a version, with a header that asks for more. */
export function requestsFor(operation: Tried, target: Target): Sent[] {
  const plain = requestFor(operation, target)
  const { query, headers = {} } = plain
  const source = headers['x-amz-copy-source']
  const wanted = JSON.stringify(needsOf(operation, plain, target))
  const more = [
    ...(operation.addressing?.includes('versionId') ? [{ ...plain, query: { ...query, versionId: 'null' } }] : []),
    ...(source ? [{ ...plain, headers: { ...headers, 'x-amz-copy-source': `${source}?versionId=null` } }] : []),
    ...Object.entries(asking).map(([name, value]) => ({ ...plain, headers: { ...headers, [name]: value } })),
  ]
  return [plain, ...more.filter((request) => JSON.stringify(needsOf(operation, request, target)) !== wanted)]
}

/** What is decided by its document: what that needs of the object, and a request with one. */
export const decidedBy: Record<string, { action: string; request(target: Target): Partial<Sent> }> = {
  DeleteObjects: { action: 's3:DeleteObject', request: deletionOf },
}

function deletionOf({ key }: Target): Partial<Sent> {
  const body = `<Delete><Object><Key>${key}</Key></Object></Delete>`
  return { body, headers: { 'content-md5': createHash('md5').update(body).digest('base64') } }
}

function formOf({ key }: Target): Partial<Sent> {
  const part = (name: string, value: string) =>
    `--limit\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const body = `${part('key', key)}${part('file', 'posted')}--limit--\r\n`
  return { body, headers: { 'content-type': 'multipart/form-data; boundary=limit' } }
}

/** What the operation declares that the request needs. */
export function needsOf(
  operation: Tried,
  { query = {}, headers = {} }: Sent,
  { bucket, key }: Target,
): readonly Need[] {
  const addressed: Partial<AddressedRequest> = {
    operation: operation.name,
    bucketName: bucket,
    key: operation.level === 'object' ? key : '',
    query: new Map(Object.entries(query)),
    headers,
  }
  return operation.needs(addressed as AddressedRequest)
}
