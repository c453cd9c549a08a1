import { createHash } from 'node:crypto'
import { nextTurn } from '../../event-loop.ts'

/** ETags that are hashed in one turn of the event loop. */
const hashedInOneTurn = 2000

/**
 * The ETag of a multipart object: MD5 over the parts' ETags as bytes, and their number, under every scheme (evidence: s3-etag).
 * @param etags of the parts, in order
 */
export async function multipartEtag(etags: readonly string[]): Promise<string> {
  const hash = createHash('md5')
  for (const [index, etag] of etags.entries()) {
    if (index % hashedInOneTurn === hashedInOneTurn - 1) await nextTurn()
    hash.update(etag, 'hex')
  }
  return `${hash.digest('hex')}-${etags.length}`
}
