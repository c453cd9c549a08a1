import { AwsError } from '../../aws/errors.ts'
import type { HttpAnswer, HttpCall } from '../../protocol/http.ts'
import type { Answered, Loggers } from '../access-logs/noted-answer.ts'
import { readCopySource } from '../objects/copy.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'

/**
 * Whose access logs tell of a request: its bucket's, and that of the source of a copy. Where none is kept this is one look at the
 * bucket's record, which every request has read already.
 * @returns undefined where nobody keeps one
 */
export function loggersOf(services: S3Services, bucketName: string, { headers }: HttpCall): Loggers | undefined {
  if (bucketName === '') return undefined
  const bucket = loggedBucket(services, bucketName)
  const copySource = headers['x-amz-copy-source']
  const source = copySource === undefined ? undefined : sourceOf(services, copySource)
  return bucket || source ? { bucket, source } : undefined
}

/** @returns the answer, which leaves its lines when its last byte was sent; what makes them is loaded when it is first needed */
export async function withAccessLog(
  services: S3Services,
  loggers: Loggers,
  answered: Answered,
  answer: HttpAnswer,
): Promise<HttpAnswer> {
  const { notedAnswer } = await import('../access-logs/noted-answer.ts')
  return notedAnswer(services, loggers, answered, answer)
}

/** A store that was closed meanwhile keeps no one from being answered. */
function loggedBucket({ buckets }: S3Services, name: string): BucketRecord | undefined {
  try {
    const bucket = buckets.find(name)
    return bucket?.logsAccess ? bucket : undefined
  } catch {
    return undefined
  }
}

/** What is no source is refused by the copy itself, and in no log. */
function sourceOf(services: S3Services, copySource: string): Loggers['source'] {
  const source = sourceIn(copySource)
  const bucket = source && loggedBucket(services, source.bucket)
  return bucket && source && { bucket, key: source.key }
}

function sourceIn(copySource: string): ReturnType<typeof readCopySource> | undefined {
  try {
    return readCopySource(copySource)
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}
