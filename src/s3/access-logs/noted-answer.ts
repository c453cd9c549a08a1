import type { HttpAnswer } from '../../protocol/http.ts'
import type { S3Services } from '../operation.ts'
import type { AccessLogLine } from '../records/access-log-lines.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type AccessedRequest, accessLine } from './access-line.ts'

/*
 * Lines are made when the answer has been sent, because they say how long it took and how many bytes went out:
 *
 *   PutObject      one, in the log of its bucket
 *   CopyObject     one, and REST.COPY.OBJECT_GET in the log of its source's bucket
 *   DeleteObjects  one, and BATCH.DELETE.OBJECT for each key
 */

/** What is known of a request when its answer begins. */
export type Answered = Omit<AccessedRequest, 'bytesSent' | 'objectSize' | 'ended' | 'status'> & {
  /** Of DeleteObjects: what became of each key. */
  deletions: readonly Deletion[] | undefined
}

export interface Deletion {
  key: string
  /** AWS's error code; undefined: it is deleted. */
  code?: string
}

/** Whose logs tell of a request: its bucket's, and that of the source of a copy. */
export interface Loggers {
  bucket: BucketRecord | undefined
  source: { bucket: BucketRecord; key: string } | undefined
}

type Services = Pick<S3Services, 'ambient' | 'accessLogLines' | 'log'>

/** @returns the answer, which leaves its lines when its last byte was sent */
export function notedAnswer(services: Services, loggers: Loggers, answered: Answered, answer: HttpAnswer): HttpAnswer {
  const { body } = answer
  const note = (bytesSent: number) => {
    const ended = services.ambient.now()
    const objectSize = objectSizeOf(answered, answer)
    const lines = linesOf(loggers, { ...answered, status: answer.status, bytesSent, objectSize, ended })
    services.accessLogLines.add(lines, (error) => services.log.error('an access log line was lost', error))
  }
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    note(body === undefined ? 0 : Buffer.byteLength(body))
    return answer
  }
  return { ...answer, body: counted(body, Number(headerOf(answer, 'content-length')), note) }
}

/** Tells how many bytes passed, once: before the last is handed out, or when nobody asks for more. */
async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  length: number,
  note: (bytesSent: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0
  let isNoted = false
  const noteOnce = () => {
    if (!isNoted) note(sent)
    isNoted = true
  }
  try {
    for await (const piece of bytes) {
      sent += piece.length
      if (sent === length) noteOnce()
      yield piece
    }
  } finally {
    noteOnce()
  }
}

function linesOf({ bucket, source }: Loggers, request: AccessedRequest & Answered): AccessLogLine[] {
  const { received: time, requestId: id } = request
  const lines: AccessLogLine[] = []
  if (bucket) {
    lines.push({ bucket: bucket.name, time, id, text: accessLine(bucket, request) })
    for (const { key, code } of request.deletions ?? []) {
      const status = code === undefined ? 204 : 403
      const text = accessLine(bucket, { ...request, ...ofOneKey, key, status, errorCode: code })
      lines.push({ bucket: bucket.name, time, id, text })
    }
  }
  if (source) {
    const operation = request.operation === 'UploadPartCopy' ? 'REST.COPY.PART_GET' : 'REST.COPY.OBJECT_GET'
    const read = { ...request, operation, key: source.key, bytesSent: 0, objectSize: undefined }
    lines.push({ bucket: source.bucket.name, time, id, text: accessLine(source.bucket, read) })
  }
  return lines
}

const ofOneKey = { operation: 'BATCH.DELETE.OBJECT', bytesSent: 0, objectSize: undefined }

/** Of what was read, as its headers say, and of what was written. */
function objectSizeOf({ operation, call }: Answered, answer: HttpAnswer): number | undefined {
  if (answer.status >= 300) return undefined
  if (operation === 'GetObject' || operation === 'HeadObject') {
    return numberOf(headerOf(answer, 'content-range')?.split('/')[1] ?? headerOf(answer, 'content-length'))
  }
  if (operation !== 'PutObject' && operation !== 'UploadPart') return undefined
  return numberOf(call.headers['x-amz-decoded-content-length'] ?? call.headers['content-length'])
}

/** @param name in lower case; answers spell theirs as they like */
function headerOf({ headers }: HttpAnswer, name: string): string | undefined {
  return Object.entries(headers).find(([other]) => other.toLowerCase() === name)?.[1]
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
