import { headerNotImplemented, s3Errors } from '../errors.ts'
import { isMarker, type ObjectRecord, type ObjectVersion } from '../records/object-record.ts'

type Headers = Readonly<Record<string, string>>
type Dated = Pick<ObjectRecord, 'etag' | 'lastModified'>

/** How the four read conditions turned out; ETags win over dates (evidence: s3-read-conditions). */
type Verdict = { holds: true } | { holds: false; condition: string; notModified: boolean }

/**
 * Weighs the conditions of GetObject and HeadObject.
 * @returns 'not modified' where the answer is 304
 * @throws AwsError PreconditionFailed (412)
 */
export function checkReadConditions(headers: Headers, record: Dated, now: number): 'met' | 'not modified' {
  const verdict = weigh(headers, ofRead, record, now)
  if (verdict.holds) return 'met'
  if (verdict.notModified) return 'not modified'
  throw s3Errors.PreconditionFailed(verdict.condition)
}

/**
 * Weighs `x-amz-copy-source-if-…`: every condition that fails is a 412 here.
 * @throws AwsError PreconditionFailed naming the header
 */
export function checkCopyConditions(headers: Headers, record: Dated, now: number): void {
  const verdict = weigh(headers, ofCopySource, record, now)
  if (!verdict.holds) throw s3Errors.PreconditionFailed(verdict.condition)
}

/** Header names, and what stands before them where an error names one. */
const ofRead = {
  prefix: '',
  ifMatch: 'if-match',
  ifNoneMatch: 'if-none-match',
  ifModifiedSince: 'if-modified-since',
  ifUnmodifiedSince: 'if-unmodified-since',
}
const ofCopySource: typeof ofRead = {
  prefix: 'x-amz-copy-source-',
  ifMatch: 'x-amz-copy-source-if-match',
  ifNoneMatch: 'x-amz-copy-source-if-none-match',
  ifModifiedSince: 'x-amz-copy-source-if-modified-since',
  ifUnmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
}

function weigh(headers: Headers, names: typeof ofRead, { etag, lastModified }: Dated, now: number): Verdict {
  const fails = (name: string, notModified: boolean): Verdict => ({
    holds: false,
    condition: names.prefix + name,
    notModified,
  })
  const changed = seconds(lastModified)
  const ifMatch = headers[names.ifMatch]
  const unmodifiedSince = readDate(headers[names.ifUnmodifiedSince])
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag)) return fails('If-Match', false)
  } else if (unmodifiedSince !== undefined && changed > unmodifiedSince) {
    return fails('If-Unmodified-Since', false)
  }
  const ifNoneMatch = headers[names.ifNoneMatch]
  const modifiedSince = readDate(headers[names.ifModifiedSince])
  // What was modified since a moment that is to come cannot be known: the condition is ignored (evidence: s3-modified-since).
  const isKnown = modifiedSince !== undefined && modifiedSince <= seconds(now)
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, etag) ? fails('If-None-Match', true) : { holds: true }
  if (isKnown && changed <= modifiedSince) return fails('If-Modified-Since', true)
  return { holds: true }
}

/** A write's condition, read before the body and weighed again under the lock at commit. */
export type WriteCondition = { kind: 'none' } | { kind: 'absent' } | { kind: 'etag'; etag: string }

/**
 * Reads If-Match and If-None-Match of PutObject, CopyObject and CompleteMultipartUpload.
 * @throws AwsError NotImplemented for forms that S3 does not take (evidence: s3-write-conditions)
 */
export function readWriteCondition(headers: Headers): WriteCondition {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw headerNotImplemented('If-Match,If-None-Match', 'Multiple conditional request headers present in the request')
  }
  if (ifNoneMatch === '*') return { kind: 'absent' }
  if (ifNoneMatch !== undefined) throw unacceptable('If-None-Match')
  if (ifMatch === '*') throw unacceptable('If-Match')
  return ifMatch === undefined ? { kind: 'none' } : { kind: 'etag', etag: withoutQuotes(ifMatch) }
}

/** @throws AwsError PreconditionFailed, or NoSuchKey where If-Match names an object that is not there */
export function checkWriteCondition(condition: WriteCondition, key: string, existing: Dated | undefined): void {
  if (condition.kind === 'none') return
  if (condition.kind === 'absent') {
    if (existing) throw s3Errors.PreconditionFailed('If-None-Match')
    return
  }
  if (!existing) throw s3Errors.NoSuchKey(key)
  if (existing.etag !== condition.etag) throw s3Errors.PreconditionFailed('If-Match')
}

/**
 * CompleteMultipartUpload's own rule: a conflict when the key changed between Create and Complete (evidence: s3-complete-conditions).
 * @param current the key's newest version: a delete marker that came meanwhile is a change too (assumed)
 * @param begun what stood at the key when the upload was created, and when that was
 */
export function checkCompleteCondition(
  condition: WriteCondition,
  key: string,
  current: ObjectVersion | undefined,
  begun: { keyExisted: boolean; initiated: number },
): void {
  checkWriteCondition(condition, key, current && !isMarker(current) ? current : undefined)
  const isChanged = current !== undefined && current.lastModified > begun.initiated
  if (condition.kind === 'absent' && (begun.keyExisted || isChanged)) {
    throw s3Errors.ConditionalRequestConflict('If-None-Match', key)
  }
  if (condition.kind === 'etag' && isChanged) throw s3Errors.ConditionalRequestConflict('If-Match', key)
}

/**
 * Reads If-Match of DeleteObject, which no version id may accompany; the conditions on date and size are for directory buckets only
 * (evidence: s3-delete-conditions).
 * @throws AwsError NotImplemented
 */
export function readDeleteCondition(headers: Headers, versionId: string | undefined): WriteCondition {
  for (const name of ['x-amz-if-match-last-modified-time', 'x-amz-if-match-size']) {
    if (headers[name] !== undefined) throw headerNotImplemented(name)
  }
  const ifMatch = headers['if-match']
  if (ifMatch === undefined) return { kind: 'none' }
  if (versionId === undefined) return { kind: 'etag', etag: withoutQuotes(ifMatch) }
  throw headerNotImplemented(
    'If-Match',
    'Conditional delete operations are not allowed when a version ID is included in the request parameters.',
  )
}

/** `*` matches any ETag of an existing object: DeleteObject in the S3 API Reference. */
export function checkDeleteCondition(condition: WriteCondition, key: string, existing: Dated | undefined): void {
  if (condition.kind === 'etag' && condition.etag === '*' && existing) return
  checkWriteCondition(condition, key, existing)
}

function unacceptable(header: string) {
  return headerNotImplemented(header, `We don't accept the provided value of ${header} header for this API`)
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some((candidate) => {
    const text = candidate.trim()
    return text === '*' || withoutQuotes(text) === etag
  })
}

/** An ETag as clients send it: with quotes, without, or weak. */
export function withoutQuotes(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/s, '$1')
}

/** Whole seconds, as Last-Modified shows them; undefined for what is no date (the condition is then ignored). */
function readDate(header: string | undefined): number | undefined {
  const time = Date.parse(header ?? '')
  return Number.isNaN(time) ? undefined : seconds(time)
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
