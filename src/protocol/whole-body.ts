import { AwsError } from '../aws/errors.ts'
import { authenticationErrors } from './authentication-errors.ts'

/**
 * A whole body in memory.
 * @param limit bytes it may have at the most
 * @param tooLarge what is thrown as soon as there are more
 * @throws AwsError IncompleteBody where the connection breaks off: no fault of ours, and nobody is there to hear of it
 */
export async function readWholeBody(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  tooLarge: () => Error,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of bytes) {
      length += chunk.length
      if (length > limit) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof AwsError ? error : authenticationErrors.IncompleteBody()
  }
  if (length > limit) throw tooLarge()
  const [only] = chunks
  if (only && chunks.length === 1) return Buffer.from(only.buffer, only.byteOffset, only.byteLength)
  return Buffer.concat(chunks)
}
