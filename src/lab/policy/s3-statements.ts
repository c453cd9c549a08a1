import { bucketArn, parseArn } from '../../aws/arn.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { generalized, type PolicyStatement } from './statements.ts'

/** Calls whose action is not `s3:` and their name (Service Authorization Reference, "Actions defined by Amazon S3"). */
const actionsOf: Readonly<Record<string, readonly string[]>> = {
  HeadObject: ['s3:GetObject'],
  GetObjectAttributes: ['s3:GetObject', 's3:GetObjectAttributes'],
  CopyObject: ['s3:PutObject'],
  CreateMultipartUpload: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  UploadPartCopy: ['s3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  ListParts: ['s3:ListMultipartUploadParts'],
  DeleteObjects: ['s3:DeleteObject'],
  HeadBucket: ['s3:ListBucket'],
  ListObjects: ['s3:ListBucket'],
  ListObjectsV2: ['s3:ListBucket'],
  ListObjectVersions: ['s3:ListBucketVersions'],
  ListMultipartUploads: ['s3:ListBucketMultipartUploads'],
  ListBuckets: ['s3:ListAllMyBuckets'],
  GetBucketEncryption: ['s3:GetEncryptionConfiguration'],
  PutBucketEncryption: ['s3:PutEncryptionConfiguration'],
  DeleteBucketEncryption: ['s3:PutEncryptionConfiguration'],
  GetBucketLifecycleConfiguration: ['s3:GetLifecycleConfiguration'],
  PutBucketLifecycleConfiguration: ['s3:PutLifecycleConfiguration'],
  DeleteBucketLifecycle: ['s3:PutLifecycleConfiguration'],
  GetBucketReplication: ['s3:GetReplicationConfiguration'],
  PutBucketReplication: ['s3:PutReplicationConfiguration'],
  DeleteBucketReplication: ['s3:PutReplicationConfiguration'],
  PutBucketCors: ['s3:PutBucketCORS'],
  GetBucketCors: ['s3:GetBucketCORS'],
  DeleteBucketCors: ['s3:PutBucketCORS'],
  DeleteBucketTagging: ['s3:PutBucketTagging'],
  GetPublicAccessBlock: ['s3:GetBucketPublicAccessBlock'],
  PutPublicAccessBlock: ['s3:PutBucketPublicAccessBlock'],
  DeletePublicAccessBlock: ['s3:PutBucketPublicAccessBlock'],
  GetBucketNotificationConfiguration: ['s3:GetBucketNotification'],
  PutBucketNotificationConfiguration: ['s3:PutBucketNotification'],
  GetObjectLockConfiguration: ['s3:GetBucketObjectLockConfiguration'],
  PutObjectLockConfiguration: ['s3:PutBucketObjectLockConfiguration'],
}

/** The statements that a principal's calls of S3 needed: by bucket and action, the resources that they were about. */
export class S3Statements {
  readonly #resources = new Map<string, { bucket: string; action: string; found: Set<string> }>()

  /** @param record of a call that succeeded, about a bucket or an object */
  add({ eventName, resources = [] }: TrailRecord): void {
    const arns = resources.filter(({ type }) => type.startsWith('AWS::S3::')).map(({ ARN }) => ARN)
    const objects = arns.filter((arn) => arn.includes('/'))
    const about = objects.length > 0 ? objects : arns
    for (const action of actionsOf[eventName] ?? [`s3:${eventName}`]) {
      if (about.length === 0) this.#note('*', action, '*')
      for (const arn of about) this.#note(bucketOf(arn), action, arn)
    }
  }

  /** What KMS was asked in its name says of an object: that it was read, or written. @param arn of an object or a bucket */
  addFromKms(eventName: string, arn: string): void {
    const action = eventName === 'Decrypt' ? 's3:GetObject' : 's3:PutObject'
    // A bucket key serves all objects.
    this.#note(bucketOf(arn), action, arn.includes('/') ? arn : `${arn}/`)
  }

  get isEmpty(): boolean {
    return this.#resources.size === 0
  }

  identity(): PolicyStatement[] {
    return this.#statements(() => true)
  }

  /** For the policies of the buckets. @param principal its ARN */
  ofBuckets(principal: string): { bucket: string; statements: PolicyStatement[] }[] {
    const buckets = new Set([...this.#resources.values()].map(({ bucket }) => bucket))
    buckets.delete('*')
    return [...buckets].map((bucket) => ({
      bucket,
      statements: this.#statements((other) => other === bucket).map(({ Effect, ...rest }) => ({
        Effect,
        Principal: { AWS: principal },
        ...rest,
      })),
    }))
  }

  /** Actions on the same resources share a statement. */
  #statements(isWanted: (bucket: string) => boolean): PolicyStatement[] {
    const byResource = new Map<string, { Resource: string[]; Action: string[] }>()
    for (const { bucket, action, found } of this.#resources.values()) {
      if (!isWanted(bucket)) continue
      const Resource = resourcesOf(found)
      const name = JSON.stringify(Resource)
      const statement = byResource.get(name) ?? { Resource, Action: [] }
      statement.Action.push(action)
      byResource.set(name, statement)
    }
    return [...byResource.values()].map(({ Resource, Action }) => ({
      Effect: 'Allow',
      Action: Action.sort(),
      Resource,
    }))
  }

  #note(bucket: string, action: string, resource: string): void {
    const name = `${bucket} ${action}`
    const noted = this.#resources.get(name) ?? { bucket, action, found: new Set() }
    noted.found.add(resource)
    this.#resources.set(name, noted)
  }
}

/** All that is below a bucket is written with a wildcard. */
function resourcesOf(found: ReadonlySet<string>): string[] {
  const whole = [...found].filter((arn) => arn === '*' || arn.endsWith('/'))
  if (whole.length > 0) return whole.map((arn) => (arn === '*' ? arn : `${arn}*`))
  return generalized(found).values
}

function bucketOf(arn: string): string {
  const { resource = '' } = parseArn(arn) ?? {}
  const [bucket = ''] = resource.split('/')
  return arn.startsWith(bucketArn('')) ? bucket : ''
}
