import type { EnvelopeDescription } from '../../s3/sse/describe-envelope.ts'
import type { Services } from '../../services.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { contextsOf, isOwnersCopy, keyArnsOf } from '../../trail/event-attributes.ts'
import { everyRecordFound } from '../../trail/every-record.ts'
import { type Found, isNewer } from '../../trail/pages.ts'

/** A call of KMS about an object, or about its bucket where a bucket key serves. */
export interface ObjectCall {
  /** `YYYY-MM-DDThh:mm:ssZ` */
  time: string
  /** `Decrypt` */
  event: string
  /** Its ARN; what kind of caller it is where it has none. */
  caller: string
  requestId?: string
  /** S3's request that KMS was asked for, as long as it is among the last thousand calls. */
  causeId?: string
  /** Why it was refused. */
  error?: string
}

/**
 * The calls of KMS that name the object in their encryption context, whatever became of them: refused ones, ones that found no key,
 * and those of other accounts have no key among their resources, or lie elsewhere, so the whole trail is read.
 * @param limit how many are returned, the newest ones
 * @returns how many there are, and the newest, the oldest of them first; none where KMS is not asked
 */
export async function callsAbout(
  services: Services,
  { keyArn, bucketKeyEnabled, encryptionContext }: EnvelopeDescription,
  limit: number,
): Promise<{ callCount: number; calls: ObjectCall[] }> {
  const arn = encryptionContext?.['aws:s3:arn']
  if (arn === undefined) return { callCount: 0, calls: [] }
  // Several keys may serve a bucket; an object's name is of this object alone, whichever keys sealed it.
  const isAbout = (record: TrailRecord) => namesInContext(record, arn) && (!bucketKeyEnabled || mayUse(record, keyArn))
  const oldest = services.oldestEvent()
  const newest: Found[] = []
  let callCount = 0
  let place = ''
  let keptOfPlace = 0
  for await (const found of everyRecordFound(services.inProcess.database)) {
    const { record, position } = found
    if (position[0] < oldest || !isAbout(record) || isOwnersCopy(record)) continue
    callCount++
    const own = `${record.recipientAccountId} ${record.awsRegion}`
    if (own !== place) keptOfPlace = 0
    place = own
    if (keptOfPlace++ < limit) newest.push(found)
  }
  newest.sort((a, b) => (isNewer(a.position, b.position) ? -1 : 1))
  const causes = services.causes()
  const calls = newest.slice(0, limit).reverse()
  return { callCount, calls: calls.map(({ record }) => shown(record, causes)) }
}

function namesInContext(record: TrailRecord, arn: string): boolean {
  return contextsOf(record).some((context) => context['aws:s3:arn'] === arn)
}

/** A call that found no key may have meant it. */
function mayUse(record: TrailRecord, keyArn: string | undefined): boolean {
  const keys = keyArnsOf(record)
  return keys.length === 0 || keys.some((key) => key === keyArn)
}

function shown(
  { eventTime, eventName, userIdentity, requestID, errorCode }: TrailRecord,
  causes: ReadonlyMap<string, string>,
): ObjectCall {
  return {
    time: eventTime,
    event: eventName,
    caller: String(userIdentity.arn ?? userIdentity.type),
    requestId: requestID,
    causeId: requestID === undefined ? undefined : causes.get(requestID),
    error: errorCode,
  }
}
