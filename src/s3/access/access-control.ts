import type { Explanations } from '../../access/explanations.ts'
import { PolicyCache } from '../../access/policy-cache.ts'
import { type Identities, isUnlimited } from '../../access/sides.ts'
import type { Ambient } from '../../ambient.ts'
import { bucketArn } from '../../aws/arn.ts'
import type { Caller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import { callInProcess, type HttpCall } from '../../protocol/http.ts'
import type { Database } from '../../store/database.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import { accessDenied } from '../access-denied.ts'
import type { Access, Need, S3Services, WeighedRequest } from '../operation.ts'
import { type BucketRecord, checkExpectedOwner } from '../records/buckets.ts'
import { globalRegion } from '../regions.ts'
import { RequestNote } from './request-note.ts'
import { checkPayer } from './requester-pays.ts'
import { rule } from './rule.ts'
import type { S3Ruling } from './told-ruling.ts'

/** What the decisions need of S3. */
type Stores = Pick<S3Services, 'buckets' | 'configurations' | 'objects' | 'uploads'>

export interface AccessControlOptions extends Stores {
  identities: Identities
  ambient: Ambient
  database: Database
  explanations: Explanations
}

/** What was weighed for a request. */
interface Weighing {
  request: WeighedRequest
  /** What it reads from: of a copy the source, else its bucket. */
  bucket: BucketRecord | undefined
  note: RequestNote
}

/**
 * Weighs what a request needs, and keeps what was weighed with its call. Where no policy says anything, nothing is weighed and
 * nothing kept: such requests are most of all.
 */
export class AccessControl implements Access {
  readonly #stores: Stores
  readonly #identities: Identities
  readonly #ambient: Ambient
  readonly #policies = new PolicyCache()
  readonly #database: Database
  readonly #explanations: Explanations
  readonly #weighings = new WeakMap<HttpCall, Weighing>()

  constructor({ identities, ambient, database, explanations, ...stores }: AccessControlOptions) {
    this.#stores = stores
    this.#identities = identities
    this.#ambient = ambient
    this.#database = database
    this.#explanations = explanations
  }

  isUnrestricted(caller: Caller, bucket?: BucketRecord): boolean {
    if (bucket && (bucket.hasPolicy || caller.accountId !== bucket.ownerAccountId || mayHoldOthers(bucket)))
      return false
    return caller.type !== 'Anonymous' && isUnlimited(this.#identities.permissionsOf(caller))
  }

  permit(request: WeighedRequest, needs: readonly Need[], bucket?: BucketRecord): void {
    for (const need of needs) {
      const touched = this.#touchedBy(request, need, bucket)
      if (this.isUnrestricted(request.authentication.caller, touched) || !isAsked(request, need, touched)) continue
      const ruling = this.#rule(request, need, touched)
      this.#keep(request, bucket && this.#readBucketOf(needs, bucket), ruling)
      if (!ruling.allowed) throw this.#refusal(request, need, touched, ruling)
    }
  }

  may(request: WeighedRequest, need: Need, bucket: BucketRecord): boolean {
    return this.isUnrestricted(request.authentication.caller, bucket) || this.#rule(request, need, bucket).allowed
  }

  ask(caller: Caller, need: Need, headers: Readonly<Record<string, string>> = {}): S3Ruling {
    const bucket = this.#stores.buckets.find(bucketNameOf(need.resource))
    return this.#rule({ ...unsent(caller, bucket?.region), headers }, need, bucket)
  }

  asTold(call: HttpCall, error: unknown): unknown {
    const weighing = this.#weighings.get(call)
    if (!weighing?.bucket || !(error instanceof AwsError) || !tellingAbsence.has(error.code)) return error
    const { request, bucket } = weighing
    const need = { action: 's3:ListBucket', resource: bucketArn(bucket.name) }
    const ruling = this.#rule(request, need, bucket)
    if (ruling.allowed) return error
    weighing.note.add(ruling)
    return accessDenied(request.authentication.caller, bucket.ownerAccountId, need, ruling.because)
  }

  noteFailure(call: HttpCall, { code, message, status }: AwsError): Promise<void> | undefined {
    const note = this.#weighings.get(call)?.note
    if (!note) return undefined
    note.error = { code, message }
    if (status !== 403) return undefined
    return this.#store(note)
  }

  /** A store that is full, or that was closed meanwhile, keeps no one from hearing why he was refused. */
  async #store(note: RequestNote): Promise<void> {
    try {
      await this.#database.transact(async (transaction) => this.#explanations.store(transaction, note.explain()))
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
  }

  /** The bucket that a need is about: that of the request, or the source of a copy. */
  #touchedBy(request: WeighedRequest, { resource }: Need, bucket: BucketRecord | undefined): BucketRecord | undefined {
    if (!bucket || isWithin(resource, bucket.name)) return bucket
    const source = this.#stores.buckets.get(bucketNameOf(resource))
    checkExpectedOwner(source, request.headers['x-amz-source-expected-bucket-owner'])
    checkPayer(source, request)
    return source
  }

  /** A key that is missing is missing in the source of a copy: it reads nothing else. Its needs tell a copy, not its headers. */
  #readBucketOf(needs: readonly Need[], bucket: BucketRecord): BucketRecord {
    const source = needs.find(({ resource }) => !isWithin(resource, bucket.name))
    return (source && this.#stores.buckets.find(bucketNameOf(source.resource))) ?? bucket
  }

  #rule(request: WeighedRequest, need: Need, bucket: BucketRecord | undefined): S3Ruling {
    const parts = {
      stores: this.#stores,
      identities: this.#identities,
      policies: this.#policies,
      now: this.#ambient.now(),
      turned: this.#ambient.turned,
    }
    return rule(parts, { request, need, bucket })
  }

  #keep(request: WeighedRequest, bucket: BucketRecord | undefined, ruling: S3Ruling): void {
    const known = this.#weighings.get(request.call)
    const note = known?.note ?? new RequestNote(request, this.#ambient.now())
    note.add(ruling)
    if (known) return
    this.#weighings.set(request.call, { request, bucket, note })
    this.#explanations.keep(note)
  }

  #refusal(request: WeighedRequest, need: Need, bucket: BucketRecord | undefined, { because }: S3Ruling): AwsError {
    const { caller } = request.authentication
    const headers: Record<string, string> = {}
    if (bucket && namingRegion.has(request.operation)) headers['x-amz-bucket-region'] = bucket.region
    return accessDenied(caller, bucket?.ownerAccountId ?? caller.accountId, need, because, headers)
  }
}

/** Errors from which one who may not list a bucket would learn what is not in it (evidence: s3-missing-hidden). */
const tellingAbsence = new Set(['NoSuchKey', 'NoSuchVersion'])

/** Operations whose refusals name the bucket's Region (evidence: s3-denied-region). */
const namingRegion = new Set([
  'HeadBucket',
  'ListObjects',
  'ListObjectsV2',
  'ListObjectVersions',
  'ListMultipartUploads',
])

/** Whether an object may be another account's, whose ACL then says what the bucket's owner may do with it. */
function mayHoldOthers({ wasOpened, objectOwnership }: BucketRecord): boolean {
  return wasOpened === true && objectOwnership !== 'BucketOwnerEnforced'
}

/** A request that nobody sends: from this machine, over TLS, to the bucket's Region. */
function unsent(caller: Caller, region = globalRegion): WeighedRequest {
  return {
    operation: 'unsent',
    query: new Map(),
    headers: {},
    call: callInProcess({ method: 'GET' }),
    authentication: { caller, signature: 'SigV4', method: 'AuthHeader', region, payload: { coding: 'unsigned' } },
    requestId: '',
  }
}

function isWithin(resource: string, bucket: string): boolean {
  return bucketNameOf(resource) === bucket
}

function bucketNameOf(resource: string): string {
  return resource.slice(bucketArn('').length).split('/', 1)[0] ?? ''
}

/** Some needs are those of one account's callers only. */
function isAsked({ authentication }: WeighedRequest, { askedOf }: Need, bucket: BucketRecord | undefined): boolean {
  if (askedOf === undefined) return true
  const isOwn = authentication.caller.accountId === bucket?.ownerAccountId
  return askedOf === (isOwn ? 'own account' : 'other accounts')
}
