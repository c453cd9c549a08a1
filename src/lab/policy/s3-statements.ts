import { bucketArn, parseArn } from '../../aws/arn.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { needsOf } from './s3-needs.ts'
import { generalized, type PolicyStatement } from './statements.ts'

/** The statements that a principal's calls of S3 needed: by bucket and action, the resources that they were about. */
export class S3Statements {
  readonly #resources = new Map<string, { bucket: string; action: string; found: Set<string> }>()
  /** Prefixes of lists, by bucket; undefined: some list had none, which shows all keys. */
  readonly #prefixes = new Map<string, Set<string> | undefined>()

  /** Whether one of the calls was DeleteObjects, whose record names no keys. */
  deletesObjects = false

  /** @param record of a call that succeeded, about a bucket or an object */
  add(record: TrailRecord): void {
    if (record.eventName === 'DeleteObjects') this.deletesObjects = true
    for (const { action, resource } of needsOf(record)) {
      this.#note(bucketOf(resource), action, resource)
      if (action === listing) this.#notePrefix(bucketOf(resource), record.requestParameters?.prefix)
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

  /** Actions that no bucket policy can allow. */
  get actionsOfAccount(): readonly string[] {
    const all = [...this.#resources.values()]
    return all.filter(({ bucket, action }) => bucket === '' || action === creation).map(({ action }) => action)
  }

  identity(): PolicyStatement[] {
    return this.#statements(() => true)
  }

  /** For the policies of the buckets. @param principal its ARN */
  ofBuckets(principal: string): { bucket: string; statements: PolicyStatement[] }[] {
    const buckets = new Set([...this.#resources.values()].map(({ bucket }) => bucket))
    buckets.delete('')
    return [...buckets].map((bucket) => ({
      bucket,
      statements: this.#statements((other, action) => other === bucket && action !== creation).map(
        ({ Effect, ...rest }) => ({
          Effect,
          Principal: { AWS: principal },
          ...rest,
        }),
      ),
    }))
  }

  /** Actions on the same resources share a statement. */
  #statements(isWanted: (bucket: string, action: string) => boolean): PolicyStatement[] {
    const grouped = new Map<string, Pick<PolicyStatement, 'Action' | 'Condition'> & { Resource: string[] }>()
    for (const { bucket, action, found } of this.#resources.values()) {
      if (!isWanted(bucket, action)) continue
      const Resource = resourcesOf(found)
      const Condition = action === listing ? this.#conditionOfLists(bucket) : undefined
      const name = JSON.stringify([Resource, Condition])
      const statement = grouped.get(name) ?? { Resource, Action: [], Condition }
      statement.Action.push(action)
      grouped.set(name, statement)
    }
    return [...grouped.values()].map(({ Resource, Action, Condition }) => ({
      Effect: 'Allow',
      Action: Action.sort(),
      Resource,
      Condition,
    }))
  }

  /** Undefined where a list had no prefix, or a bucket was only looked for. */
  #conditionOfLists(bucket: string): PolicyStatement['Condition'] {
    const prefixes = this.#prefixes.get(bucket)
    if (!prefixes) return undefined
    const { values, isPattern } = generalized(prefixes)
    return { [isPattern ? 'StringLike' : 'StringEquals']: { 's3:prefix': values } }
  }

  #notePrefix(bucket: string, prefix: unknown): void {
    const known = this.#prefixes.has(bucket) ? this.#prefixes.get(bucket) : new Set<string>()
    const isNarrow = known !== undefined && typeof prefix === 'string' && prefix !== ''
    this.#prefixes.set(bucket, isNarrow ? known.add(prefix) : undefined)
  }

  #note(bucket: string, action: string, resource: string): void {
    const name = `${bucket} ${action}`
    const noted = this.#resources.get(name) ?? { bucket, action, found: new Set() }
    noted.found.add(resource)
    this.#resources.set(name, noted)
  }
}

const listing = 's3:ListBucket'
/** No policy of a bucket says who may make it. */
const creation = 's3:CreateBucket'

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
