import { createHash } from 'node:crypto'
import { accountId, type CallOptions, type Reply, type S3Fixture } from '../s3.fixture.ts'

/** For unit tests: buckets with versions, and rules between them. */

export const role = `arn:aws:iam::${accountId}:role/replicator`

export async function createVersioned(s3: S3Fixture, bucket: string, options: CallOptions = {}): Promise<void> {
  const { region } = options
  const place = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
  // One that is there already gets versions.
  expectOk(await s3.call('PUT', `/${bucket}`, region === undefined ? options : { ...options, body: place }))
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  const { headers: _, ...rest } = options
  expectOk(await s3.call('PUT', `/${bucket}?versioning`, { ...rest, body }))
}

interface Rule {
  id?: string
  priority?: number
  /** XML: `<Prefix>p</Prefix>`; undefined: a rule of the first version. */
  filter?: string
  /** XML, beside the bucket. */
  destination?: string
  /** XML. */
  criteria?: string
  markers?: 'Enabled' | 'Disabled'
}

/** A rule of the second version to a bucket. */
export function ruleTo(bucket: string, rule: Rule = {}): string {
  const { id = bucket, priority = 0, filter = '', destination = '', criteria = '', markers = 'Enabled' } = rule
  return [
    `<Rule><ID>${id}</ID><Priority>${priority}</Priority><Filter>${filter}</Filter><Status>Enabled</Status>`,
    criteria && `<SourceSelectionCriteria>${criteria}</SourceSelectionCriteria>`,
    `<Destination><Bucket>arn:aws:s3:::${bucket}</Bucket>${destination}</Destination>`,
    `<DeleteMarkerReplication><Status>${markers}</Status></DeleteMarkerReplication></Rule>`,
  ].join('')
}

/** A rule of the first version. */
export function firstVersionRuleTo(bucket: string, prefix = ''): string {
  return `<Rule><ID>${bucket}</ID><Prefix>${prefix}</Prefix><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::${bucket}</Bucket></Destination></Rule>`
}

export async function configure(
  s3: S3Fixture,
  bucket: string,
  rules: string,
  options: CallOptions = {},
): Promise<void> {
  const body = `<ReplicationConfiguration><Role>${role}</Role>${rules}</ReplicationConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  expectOk(await s3.call('PUT', `/${bucket}?replication`, { ...options, body, headers }))
}

/** Kinds and ids of a bucket's versions by their keys, the newest first. */
export async function versionsIn(s3: S3Fixture, bucket: string, query = ''): Promise<string[]> {
  const { text } = await s3.call('GET', `/${bucket}?versions${query}`)
  const entries = text.matchAll(
    /<(Version|DeleteMarker)><Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId><IsLatest>(.*?)<\/IsLatest>/g,
  )
  return [...entries].map(
    ([, kind, key, id, isLatest]) => `${key} ${kind} ${id}${isLatest === 'true' ? ' latest' : ''}`,
  )
}

/** `x-amz-replication-status` */
export async function statusOf(s3: S3Fixture, target: string, headers: Record<string, string> = {}) {
  return (await s3.call('HEAD', target, { headers })).headers.get('x-amz-replication-status')
}

export function versionIdOf(reply: Reply): string {
  return reply.headers.get('x-amz-version-id') ?? ''
}

function expectOk({ status, text }: Reply): void {
  if (status >= 300) throw new Error(`${status}: ${text}`)
}
