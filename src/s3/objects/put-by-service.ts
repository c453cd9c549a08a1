import { bucketArn } from '../../aws/arn.ts'
import { type Caller, serviceCaller } from '../../aws/caller.ts'
import { callInProcess, type Endpoint, readAnswer } from '../../protocol/http.ts'
import { encodeUriPath } from '../../protocol/uri.ts'
import type { BucketRecord } from '../records/buckets.ts'

/** What a service of AWS's writes into a bucket. */
export interface ServiceObject {
  key: string
  content: Buffer
  /** Lower-case, content-type among them; host and length are added. */
  headers: Readonly<Record<string, string>>
}

/**
 * Puts an object as a service of AWS's does, by PutObject in process: weighed by the target's policy and ACL, and in the trail of its
 * KMS calls.
 * @param service its principal, `logging.s3.amazonaws.com`
 * @param source the resource that it acts for, `aws:SourceArn` and `aws:SourceAccount`: a bucket, a trail
 * @returns why it was refused, the error's code; undefined where the object is there
 */
export async function putByService(
  endpoint: Endpoint,
  service: string,
  source: NonNullable<Caller['source']>,
  target: Pick<BucketRecord, 'name' | 'region'>,
  { key, content, headers }: ServiceObject,
): Promise<string | undefined> {
  async function* body() {
    yield content
  }
  const caller = serviceCaller(service, source)
  const answer = await endpoint(
    callInProcess({
      method: 'PUT',
      target: `/${target.name}/${encodeUriPath(key)}`,
      headers: {
        host: 's3.amazonaws.com',
        'user-agent': 'aws-internal/3',
        'content-length': String(content.length),
        ...headers,
      },
      body: body(),
      session: { caller, region: target.region, service: 's3' },
    }),
  )
  if (answer.status === 200) return undefined
  return /<Code>([^<]*)</.exec((await readAnswer(answer)).toString())?.[1] ?? String(answer.status)
}

/** A bucket, as what a service acts for. */
export function bucketAsSource({ name, ownerAccountId }: BucketRecord): NonNullable<Caller['source']> {
  return { arn: bucketArn(name), accountId: ownerAccountId }
}
