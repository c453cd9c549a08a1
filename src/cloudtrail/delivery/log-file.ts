import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { TrailRecord } from '../../trail/event.ts'

/* A log file: `{"Records":[…]}`, compressed. Digests tell the hash of what is in it, not of the compressed bytes. */

const compress = promisify(gzip)

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
