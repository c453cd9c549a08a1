import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { TrailRecord } from '../../trail/event.ts'

/* A log file: `{"Records":[…]}`, compressed. Digests tell the hash of what is in it, not of the compressed bytes. */

const compress = promisify(gzip)

/** CloudTrail delivers about every five minutes (evidence: trail-files). */
const interval = 300_000

/** Records in one file: as many as one turn of the event loop has time for. */
export const mostRecords = 2000

/** When the file of what happened at a time is due; both in ms since the epoch. */
export function dueTime(time: number): number {
  return (Math.floor(time / interval) + 1) * interval
}

export interface LogContent {
  content: Buffer
  /** SHA-256 before it is compressed; hex */
  hash: string
}

/** @param texts records as JSON */
export async function logFileOf(texts: readonly string[]): Promise<LogContent> {
  return compressed(`{"Records":[${texts.join(',')}]}`)
}

export async function compressed(text: string): Promise<LogContent> {
  const plain = Buffer.from(text)
  return { content: await compress(plain), hash: createHash('sha256').update(plain).digest('hex') }
}

/** When a record happened, in ms since the epoch; whole seconds. */
export function timeOf({ eventTime }: TrailRecord): number {
  return Date.parse(eventTime)
}
