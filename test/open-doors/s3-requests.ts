import { createHash } from 'node:crypto'
import type { AddressedRequest, Need, S3Operation } from '../../src/s3/operation.ts'
import type { Sent } from './callers.ts'

/* A request for every S3 operation, made of its route: a new operation has one by itself. */

/** What a request is made of; also of an operation that is not here. */
export type Tried = Pick<S3Operation, 'name' | 'route' | 'level' | 'needs'>

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

/** What is decided by its document: what that needs of the object, and a request with one. */
export const decidedBy: Record<string, { action: string; request(target: Target): Partial<Sent> }> = {
  DeleteObjects: { action: 's3:DeleteObject', request: deletionOf },
  PutObjectTagging: { action: 's3:PutObjectTagging', request: () => ({ body: '<Tagging/>' }) },
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
