import { crc32 } from './crc32.ts'
import { tokenHeaders } from './session.ts'

/** What was refused, in the words of whoever refused it. */
export class Refused extends Error {
  readonly status: number
  readonly code: string | undefined
  readonly requestId: string | undefined

  constructor(status: number, message: string, code?: string, requestId?: string) {
    super(message)
    this.status = status
    this.code = code
    this.requestId = requestId
  }
}

type Query = Record<string, string | boolean | undefined>

/** Reads one of the console's own paths, such as `buckets`. @throws Refused */
export async function read<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
  return (await ask(`/api/${path}${queryText(query)}`, { signal })) as Answer
}

/** Posts JSON to one of the console's own paths. @throws Refused */
export async function post<Answer>(path: string, body: object): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await ask(`/api/${path}`, init)) as Answer
}

/** Calls KMS, as the console's user. @throws Refused with KMS's code and words */
export async function callKms<Answer>(operation: string, input: object, region: string): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) }
  return (await ask(`/api/kms/${operation}${queryText({ region })}`, init)) as Answer
}

/** Asks a path of the control API, such as `POST /settle`. @throws Refused */
export async function control<Answer>(method: string, path: string, query: Query = {}, body?: object): Promise<Answer> {
  const init: RequestInit = { method }
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  return (await ask(`/control${path}${queryText(query)}`, init)) as Answer
}

async function ask(target: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(target, { ...init, headers: { ...init.headers, ...tokenHeaders() } })
  const text = await response.text()
  const answer: { message?: string; code?: string; requestId?: string } = text === '' ? {} : JSON.parse(text)
  if (response.ok) return answer
  throw new Refused(response.status, answer.message ?? response.statusText, answer.code, answer.requestId)
}

export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}

/** A call of S3. */
export interface S3Call {
  method?: string
  bucket?: string
  key?: string
  query?: Query
  headers?: Record<string, string>
  /** A document of S3's. */
  body?: string
  signal?: AbortSignal
}

/** Calls S3, as the console's user. @throws Refused with S3's code and words */
export async function callS3(call: S3Call): Promise<Response> {
  const { method = 'GET', body, signal } = call
  const checksum: Record<string, string> = body === undefined ? {} : { 'x-amz-checksum-crc32': crc32(body) }
  const headers = { ...checksum, ...call.headers, ...tokenHeaders() }
  const response = await fetch(s3Target(call), { method, body, signal, headers })
  if (response.ok) return response
  throw refusalOf(response.status, await response.text(), response.headers.get('x-amz-request-id') ?? undefined)
}

export function s3Target({ bucket, key, query = {} }: Pick<S3Call, 'bucket' | 'key' | 'query'>): string {
  return `/s3/${s3Path(bucket, key)}${queryText(query).replace(/=(?=&|$)/g, '')}`
}

/** `bucket/key`, percent-encoded. */
export function s3Path(...parts: (string | undefined)[]): string {
  const given = parts.filter((part) => part !== undefined)
  return given.map((part) => part.split('/').map(encode).join('/')).join('/')
}

/** Segments of dots would be taken for steps in the folder tree by the browser. */
function encode(text: string): string {
  return /^\.{1,2}$/.test(text) ? text.replaceAll('.', '%2E') : encodeURIComponent(text)
}

/** @param text S3's error document, or nothing (of a HEAD) */
export function refusalOf(status: number, text: string, requestId: string | undefined): Refused {
  const document = new DOMParser().parseFromString(text, 'application/xml')
  const of = (name: string) => document.querySelector(name)?.textContent ?? undefined
  return new Refused(status, of('Message') ?? `S3 answered ${status}`, of('Code'), of('RequestId') ?? requestId)
}
