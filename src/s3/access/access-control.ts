import type { Explanations } from '../../access/explanations.ts'
import { PolicyCache } from '../../access/policy-cache.ts'
import type { Ruling } from '../../access/ruling.ts'
import {
  type Identities,
  isNamedItself,
  isUnlimited,
  policiesOfCaller,
  type SidePolicies,
  type Sides,
  weighSides,
} from '../../access/sides.ts'
import type { Ambient } from '../../ambient.ts'
import { bucketArn } from '../../aws/arn.ts'
import type { Caller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import type { AttachedPolicy } from '../../aws/policy.ts'
import type { HttpCall } from '../../protocol/http.ts'
import type { Database } from '../../store/database.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import { accessDenied } from '../access-denied.ts'
import { isPublic } from '../bucket-policy/public-policy.ts'
import { countsTags } from '../configurations/bucket-abac.ts'
import { findBucketPolicy } from '../configurations/bucket-policy.ts'
import { BucketTagging } from '../configurations/bucket-tagging.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import type { Tags } from '../documents/tagging.ts'
import type { Access, Need, S3Services, WeighedRequest } from '../operation.ts'
import { type BucketRecord, checkExpectedOwner } from '../records/buckets.ts'
import { isInitiator } from '../records/initiator.ts'
import { hearAcl } from './acl-voice.ts'
import { asksForPublicAcl, blockedBecause, isBlocked } from './blocked-acl.ts'
import { contextOf } from './condition-keys.ts'
import { type Decision, decide } from './decision.ts'
import { RequestNote } from './request-note.ts'
import { checkPayer } from './requester-pays.ts'
import { weighedObject } from './weighed-object.ts'

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

  asTold(call: HttpCall, error: unknown): unknown {
    const weighing = this.#weighings.get(call)
    if (!weighing?.bucket || !(error instanceof AwsError) || error.code !== 'NoSuchKey') return error
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

  #rule(request: WeighedRequest, need: Need, bucket: BucketRecord | undefined): Ruling {
    const { action, resource } = need
    const { caller } = request.authentication
    const own = policiesOfCaller(this.#identities, this.#policies, caller)
    const policies: SidePolicies = { ...own, resource: bucket && this.#policiesOf(bucket) }
    const context = contextOf({
      request,
      need,
      bucket,
      now: this.#ambient.now(),
      findUpload: () => this.#uploadOf(request, need, bucket),
      findBucketTags: () => bucket && this.#countedTagsOf(bucket),
      findObject: () => bucket && weighedObject(this.#stores, { request, need, bucket }),
    })
    const sides = weighSides(policies, { action, resource, caller, context })
    const weighed = decide({
      action,
      caller,
      bucket,
      sides,
      acl: bucket && hearAcl(this.#stores, { request, need, bucket, caller }),
      isNamedItself: isInvitedByName(policies, sides, caller),
      isInitiator: this.#isInitiator(request, need, bucket),
      isRestricted: bucket !== undefined && this.#isRestricted(bucket, policies.resource),
    })
    const decision = this.#blockedFirst(request, need, bucket, weighed)
    const isAdministrator = policies.identity === undefined && caller.type !== 'Anonymous'
    return { action, resource, ...decision, isAdministrator, sides }
  }

  /** That public ACLs are blocked is told also to who may put none (captured). */
  #blockedFirst(request: WeighedRequest, { action }: Need, bucket: BucketRecord | undefined, decision: Decision) {
    if (decision.allowed || !bucket || !putsAcl.has(action) || !asksForPublicAcl(request.headers)) return decision
    return isBlocked(this.#stores, bucket) ? { allowed: false, because: blockedBecause } : decision
  }

  #policiesOf(bucket: BucketRecord): AttachedPolicy[] | undefined {
    const text = findBucketPolicy(this.#stores, bucket)
    if (text === undefined) return undefined
    return [this.#policies.attach('bucket policy', text, 'resource')]
  }

  #isRestricted(bucket: BucketRecord, policies: readonly AttachedPolicy[] = []): boolean {
    if (!policies.some(({ policy }) => isPublic(policy))) return false
    return blockOf(this.#stores, bucket).RestrictPublicBuckets === true
  }

  #countedTagsOf({ name }: BucketRecord): Tags | undefined {
    return countsTags(this.#stores, name) ? BucketTagging.find(this.#stores, name)?.TagSet : undefined
  }

  #isInitiator(request: WeighedRequest, need: Need, bucket: BucketRecord | undefined): boolean {
    if (!rightsOfInitiator.has(need.action)) return false
    const upload = this.#uploadOf(request, need, bucket)
    return upload !== undefined && isInitiator(request.authentication.caller, upload)
  }

  #uploadOf({ query }: WeighedRequest, { resource }: Need, bucket: BucketRecord | undefined) {
    const uploadId = query.get('uploadId')
    if (uploadId === undefined || !bucket) return undefined
    const key = resource.slice(bucketArn(bucket.name).length + 1)
    return this.#stores.uploads.find(bucket.name, key, uploadId)?.record
  }

  #keep(request: WeighedRequest, bucket: BucketRecord | undefined, ruling: Ruling): void {
    const known = this.#weighings.get(request.call)
    const note = known?.note ?? new RequestNote(request, this.#ambient.now())
    note.add(ruling)
    if (known) return
    this.#weighings.set(request.call, { request, bucket, note })
    this.#explanations.keep(note)
  }

  #refusal(request: WeighedRequest, need: Need, bucket: BucketRecord | undefined, { because }: Ruling): AwsError {
    const { caller } = request.authentication
    const headers: Record<string, string> = {}
    if (bucket && namingRegion.has(request.operation)) headers['x-amz-bucket-region'] = bucket.region
    return accessDenied(caller, bucket?.ownerAccountId ?? caller.accountId, need, because, headers)
  }
}

const putsAcl = new Set(['s3:PutBucketAcl', 's3:PutObjectAcl', 's3:PutObjectVersionAcl'])
const rightsOfInitiator = new Set(['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'])

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

function isInvitedByName({ resource }: SidePolicies, sides: Sides, caller: Caller): boolean {
  if (!resource || sides.resource?.decision !== 'allow') return false
  return isNamedItself(resource, sides.resource, caller)
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
