import { AwsError } from '../../aws/errors.ts'
import type { HttpAnswer } from '../../protocol/http.ts'
import { type DataCall, recordDataEvent } from '../http/data-events.ts'
import type { S3Services } from '../operation.ts'
import { GetObject } from '../operations/object/get-object.ts'
import { HeadObject } from '../operations/object/head-object.ts'
import { type Reader, requestFor } from './documents.ts'

/**
 * Writes the data event of a visit, by the key of the page that was asked for: as of a read that nobody signed (assumed; evidence:
 * trail-s3-data). One that cannot be written fails no visit.
 * @param startTime ms since the epoch, when the visit came
 */
export async function recordVisit(
  services: S3Services,
  reader: Reader,
  key: string,
  startTime: number,
  answer: HttpAnswer,
): Promise<void> {
  const operation = reader.call.method === 'HEAD' ? HeadObject : GetObject
  // The host is the website's.
  const request = { ...requestFor(reader, operation, key), hostId: answer.headers['x-amz-id-2'] ?? '' }
  const dataCall: DataCall = { operation, request, startTime, answer, error: errorOf(answer) }
  try {
    await recordDataEvent(services, dataCall)
  } catch (error) {
    services.log.error('a data event cannot be written', error)
  }
}

function errorOf({ status, headers }: HttpAnswer): AwsError | undefined {
  const { 'x-amz-error-code': code, 'x-amz-error-message': message = '' } = headers
  return code === undefined || status < 400 ? undefined : new AwsError(code, message, status)
}
