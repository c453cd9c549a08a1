import { canonicalUserId } from '../../aws/caller.ts'
import type { Endpoint } from '../../protocol/http.ts'
import { logDeliveryService } from '../access/acl-grants.ts'
import { type AccessLogging, BucketLogging } from '../configurations/bucket-logging.ts'
import { bucketAsSource, putByService } from '../objects/put-by-service.ts'
import type { S3Services } from '../operation.ts'
import type { AccessLogLine } from '../records/access-log-lines.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { partitions } from './object-key.ts'

/*
 * Lines that wait become objects in the target bucket (Amazon S3 User Guide, "Logging requests with server access logging"):
 *
 *   lines of a bucket ─▶ its configuration as it is now ─▶ parts (a day each, where the key says so) ─▶ PutObject by
 *   logging.s3.amazonaws.com, weighed by the target's policy and ACL ─▶ the lines go
 *
 * What cannot be delivered is dropped: S3 tells nobody either. A kill between object and lines delivers them twice.
 */

type Services = Pick<S3Services, 'ambient' | 'accessLogLines' | 'buckets' | 'configurations' | 'database' | 'log'>

/** Lines in one object. */
const mostLines = 5000

/** Delivers all that wait at this moment. */
export async function deliverAccessLogs(services: Services, endpoint: Endpoint): Promise<void> {
  let batch: AccessLogLine[] = []
  for await (const line of services.accessLogLines.all()) {
    const isFull = batch.length === mostLines || (batch[0] !== undefined && batch[0].bucket !== line.bucket)
    if (isFull) {
      await deliverBatch(services, endpoint, batch)
      batch = []
    }
    batch.push(line)
  }
  if (batch.length > 0) await deliverBatch(services, endpoint, batch)
}

/** Lines of one source bucket. */
async function deliverBatch(services: Services, endpoint: Endpoint, lines: readonly AccessLogLine[]): Promise<void> {
  const source = lines[0] && services.buckets.find(lines[0].bucket)
  const logging = source && BucketLogging.find(services, source.name)?.LoggingEnabled
  if (source && logging) await deliver(services, endpoint, source, logging, lines)
  await services.database.transact((transaction) => services.accessLogLines.delete(transaction, lines))
}

async function deliver(
  services: Services,
  endpoint: Endpoint,
  source: BucketRecord,
  logging: AccessLogging,
  lines: readonly AccessLogLine[],
): Promise<void> {
  const { ambient, buckets, log } = services
  const target = buckets.find(logging.TargetBucket)
  const obstacle = obstacleIn(target)
  for (const { key, texts } of partitions(source, logging, lines, ambient)) {
    const refusal = obstacle ?? (target && (await put(endpoint, source, target, { key, texts, logging })))
    if (refusal === undefined) continue
    log.warn(`${texts.length} lines of the access log of ${source.name} were not delivered: ${refusal}`)
  }
}

/** What keeps S3 from delivering, whatever policies say. */
function obstacleIn(target: BucketRecord | undefined): string | undefined {
  if (!target) return 'the target bucket is gone'
  if (target.objectLock?.defaultRetention) return 'the target bucket has a default retention'
  const { algorithm } = target.encryption ?? {}
  const isKms = algorithm !== undefined && algorithm !== 'AES256'
  return isKms ? 'the default encryption of the target bucket is not SSE-S3' : undefined
}

interface LogObject {
  key: string
  texts: readonly string[]
  logging: AccessLogging
}

/** @returns why it was refused; undefined where it is delivered */
function put(
  endpoint: Endpoint,
  source: BucketRecord,
  target: BucketRecord,
  { key, texts, logging }: LogObject,
): Promise<string | undefined> {
  const content = Buffer.from(texts.map((text) => `${text}\n`).join(''))
  const headers = { 'content-type': 'text/plain', ...grantHeaders(target, logging) }
  return putByService(endpoint, logDeliveryService, bucketAsSource(source), target, { key, content, headers })
}

/** Target grants, beside the owner's own. */
function grantHeaders(target: BucketRecord, { TargetGrants = [] }: AccessLogging): Record<string, string> {
  if (TargetGrants.length === 0 || target.objectOwnership === 'BucketOwnerEnforced') return {}
  const full = [`id="${canonicalUserId(target.ownerAccountId)}"`]
  const read: string[] = []
  for (const { Grantee, Permission } of TargetGrants) {
    if (!Grantee) continue
    const named = `${Grantee.type === 'Group' ? 'uri' : 'id'}="${Grantee.name}"`
    if (Permission === 'FULL_CONTROL') full.push(named)
    if (Permission === 'READ') read.push(named)
  }
  const headers: Record<string, string> = { 'x-amz-grant-full-control': full.join(', ') }
  if (read.length > 0) headers['x-amz-grant-read'] = read.join(', ')
  return headers
}
