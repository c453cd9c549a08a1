import { bucketArn, objectArn } from '../../aws/arn.ts'
import { bareRecord } from '../../aws/bare-record.ts'
import type { EncryptionContext } from '../../kms/client.ts'
import type { SealTarget } from './envelope.ts'
import { sseErrors, words } from './errors.ts'

const arnName = 'aws:s3:arn'
const headerName = 'x-amz-server-side-encryption-context'

/**
 * Reads the context header: base64 of UTF-8 JSON, an object of strings (evidence: sse-context). The record has no prototype, so that a pair named
 * `__proto__` is a pair like others. Lone surrogates have no UTF-8 and are refused.
 * @throws AwsError InvalidArgument
 */
export function parseContextHeader(value: string): EncryptionContext {
  const parsed = parseJson(decodeBase64(value), value)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw malformed(value)
  const context = bareRecord()
  for (const [name, text] of Object.entries(parsed)) {
    if (typeof text !== 'string' || !name.isWellFormed() || !text.isWellFormed()) throw malformed(value)
    context[name] = text
  }
  return context
}

export function contextHeader(context: EncryptionContext): string {
  return Buffer.from(JSON.stringify(context)).toString('base64')
}

/**
 * The caller's own pairs: all but `aws:s3:arn`, which when given must be the object's (S3 docs: "Your full encryption
 * context will be validated to have the value equal to the object's ARN").
 * @throws AwsError InvalidArgument
 */
export function ownPairs(context: EncryptionContext | undefined, { bucket, key }: SealTarget): EncryptionContext {
  const own = Object.assign(bareRecord(), context)
  const given = own[arnName]
  if (given !== undefined && given !== objectArn(bucket, key)) {
    throw sseErrors.InvalidArgument(words.contextArn, given, headerName)
  }
  delete own[arnName]
  return own
}

/** The context of an object's own data key. The ARN is that of the object addressed, never one from a record. */
export function objectContext(own: EncryptionContext | undefined, { bucket, key }: SealTarget): EncryptionContext {
  const context = Object.assign(bareRecord(), own)
  context[arnName] = objectArn(bucket, key)
  return context
}

/** The context of a bucket key: the pairs of one object cannot be part of a key that serves many. */
export function bucketContext({ bucket }: SealTarget): EncryptionContext {
  const context = bareRecord()
  context[arnName] = bucketArn(bucket)
  return context
}

function malformed(value: string) {
  return sseErrors.InvalidArgument(words.contextForm, value, headerName)
}

function decodeBase64(value: string): string {
  const bytes = strictBase64(value)
  if (!bytes) throw malformed(value)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed(value)
  }
}

function parseJson(text: string, value: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(value)
  }
}

/** @returns undefined when the text is not base64 in full */
export function strictBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}
