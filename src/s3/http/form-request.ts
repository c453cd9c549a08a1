import { bareRecord } from '../../aws/bare-record.ts'
import type { RequestBody } from '../../protocol/authentication.ts'
import { authenticatePolicyForm, type FormFields } from '../../protocol/policy-form.ts'
import { type AuthenticationOptions, agesOf } from '../../protocol/proof.ts'
import { readRequestBody } from '../../protocol/request-body.ts'
import { parseTime } from '../../protocol/signature-v4.ts'
import { checkedKey } from '../address.ts'
import { s3Errors } from '../errors.ts'
import type { AddressedRequest } from '../operation.ts'
import { tagHeaderOfForm } from './form-tagging.ts'
import { anySize, checkPostPolicy, parsePostPolicy, type SizeRange } from './post-policy.ts'
import { openUploadForm } from './upload-form.ts'

/*
 * A browser's form is a write whose headers, key and signature come as fields:
 *
 *   fields ─▶ ${filename} expanded ─▶ signature (over the policy) ─▶ policy ─▶ key, headers
 *   file   ─▶ within the policy's content-length-range               ─────▶ body
 *
 * What comes out is a request like any other. Headers of the HTTP request itself have no meaning for the object.
 */

/** What a form says in place of path, headers, signature and body. */
export type FormRequest = Pick<AddressedRequest, 'key' | 'headers' | 'authentication' | 'body'>

/**
 * Reads the form up to its file, and has `use` do with it. What `use` leaves of the body is taken and thrown away before its
 * answer goes out, up to a bound: a browser looks at an answer only when everything it has to send is sent.
 * @throws AwsError in S3's words: form, key, signature, policy
 */
export async function withFormRequest<Result>(
  { bucketName: bucket, call }: Pick<AddressedRequest, 'bucketName' | 'call'>,
  options: AuthenticationOptions,
  use: (request: FormRequest) => Promise<Result>,
): Promise<Result> {
  const contentType = call.headers['content-type'] ?? ''
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
    throw s3Errors.PreconditionFailed('Bucket POST must be of the enclosure-type multipart/form-data')
  }
  const body = readRequestBody(call, { payload: { coding: 'unsigned' } })
  if (body.length === undefined) throw s3Errors.MissingContentLength()
  const chunks = body.bytes[Symbol.asyncIterator]()
  try {
    const form = await openUploadForm(contentType, chunks)
    const fields = expanded(form.fields, form.file.name)
    const key = readKey(fields)
    const authentication = authenticatePolicyForm(fields, options)
    const isAnonymous = authentication.caller.type === 'Anonymous'
    const size = isAnonymous ? anySize : judge({ ...fields, bucket }, options)
    const file: RequestBody = {
      length: undefined,
      bytes: within(form.file.bytes, size),
      trailers: {},
      announcedTrailers: [],
    }
    return await use({ key, headers: await headersOf(fields), authentication, body: file })
  } finally {
    await discard(chunks)
  }
}

/** What is read of a file that is not wanted: 64 MiB, a moment on this machine. Whoever sends more is answered while he sends. */
const mostDiscarded = 64 << 20

/** From a client that is gone there is nothing left to read. */
async function discard(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    for (let taken = 0; taken < mostDiscarded; ) {
      const { done, value } = await chunks.next()
      if (done) return
      taken += value.length
    }
  } catch {}
}

const fileNameVariable = /\$\{filename\}/g

/** `${filename}` in any field stands for what the browser calls the file; policies are held against the result. */
function expanded(fields: FormFields, fileName: string): FormFields {
  const result = bareRecord()
  for (const [name, value] of Object.entries(fields)) result[name] = value.replace(fileNameVariable, () => fileName)
  return result
}

function readKey({ key }: FormFields): string {
  if (key === undefined) {
    const message =
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields."
    throw s3Errors.InvalidArgument(message, 'key', '')
  }
  if (key === '') throw s3Errors.InvalidArgument('User key must have a length greater than 0.', 'key', '')
  return checkedKey(key)
}

/** Of a form that is signed. An anonymous one needs nobody's word on its fields and its size. */
function judge(fields: FormFields, options: AuthenticationOptions): SizeRange {
  if (fields.policy === undefined) return anySize
  const policy = parsePostPolicy(fields.policy)
  checkPostPolicy(policy, fields, momentByPolicy(fields, options))
  return policy.size
}

/**
 * The moment to hold the policy's expiration against. Where the form says when it was signed, that is how long ago it was by the
 * emulator's clock; one of Signature Version 2 does not say it.
 */
function momentByPolicy(fields: FormFields, options: AuthenticationOptions): number {
  if (options.turned === undefined) return options.now
  const signed = parseTime(fields['x-amz-date'] ?? '')
  if (signed === undefined) return options.turned.now()
  const { start, now } = agesOf(options, signed)
  return signed + now - start
}

/** Fields that have another name than the header they stand for. */
const headerNames = new Map([['acl', 'x-amz-acl']])

async function headersOf({ tagging, ...fields }: FormFields): Promise<FormFields> {
  const headers = bareRecord()
  for (const [name, value] of Object.entries(fields)) headers[headerNames.get(name) ?? name] = value
  if (tagging !== undefined) headers['x-amz-tagging'] = await tagHeaderOfForm(tagging)
  return headers
}

/** A file that is too long is counted on, because the error names its size: or so much of it as was read. */
async function* within(bytes: AsyncIterable<Uint8Array>, { minimum, maximum }: SizeRange): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size <= maximum) yield chunk
    else if (size - maximum > mostDiscarded) break
  }
  if (size > maximum) throw s3Errors.EntityTooLarge(size, maximum)
  if (size < minimum) throw s3Errors.EntityTooSmall(size, minimum)
}
