import { AwsError } from '../../aws/errors.ts'
import { checkRegion } from '../../protocol/proof.ts'
import { s3Errors } from '../errors.ts'
import { responseOverrides } from '../objects/metadata.ts'
import type { AddressedRequest, Need, S3Operation, S3Services } from '../operation.ts'
import { type BucketRecord, checkExpectedOwner } from '../records/buckets.ts'
import { globalRegion } from '../regions.ts'
import { checkRead, isKms, refuseUnfitCustomerKey, requireSignatureVersion4 } from '../sse/headers.ts'

import { checkPayer } from './requester-pays.ts'

type Stores = Pick<S3Services, 'access' | 'buckets' | 'objects'>

/*
 * What every call on a bucket must hold, in the order S3 checks it:
 *
 *   the bucket exists → its Region is the signature's → its owner is the expected one → who pays knows it
 *     → a customer's key is one → the caller may
 */

const bringsNewKey = new Set(['PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload'])

/**
 * @returns the bucket, of an operation that is about one
 * @throws AwsError with S3's words for the first demand that does not hold
 */
export function checkAccess(
  services: Stores,
  { level, servedGlobally, needs }: S3Operation,
  request: AddressedRequest,
): BucketRecord | undefined {
  const { access } = services
  const { caller } = request.authentication
  if (level === 'service' || level === 'new bucket') {
    if (caller.type === 'Anonymous') throw s3Errors.AccessDenied()
    if (!access.isUnrestricted(caller)) access.permit(request, needs(request))
    return undefined
  }
  const bucket = services.buckets.get(request.bucketName)
  // In-process calls (fixtures) name no Region of their own.
  const isServed = servedGlobally && request.authentication.region === globalRegion
  if (!request.call.session && !isServed) checkRegion(request.authentication, bucket.region)
  checkExpectedOwner(bucket, request.headers['x-amz-expected-bucket-owner'])
  checkPayer(bucket, request)
  // A copy names a second bucket, whose policy and owner have a say of their own.
  const isCopy = request.headers['x-amz-copy-source'] !== undefined
  if (!isCopy && access.isUnrestricted(caller, bucket)) return bucket
  if (bringsNewKey.has(request.operation)) refuseUnfitCustomerKey(request.headers)
  if (caller.type === 'Anonymous') permitAnonymous(services, request, needs(request), bucket)
  else access.permit(request, needs(request), bucket)
  return bucket
}

/**
 * Anonymous callers are let in by a bucket policy or an ACL alone, never to begin an upload, and never to say what headers an
 * answer has.
 * @throws AwsError
 */
function permitAnonymous(
  services: Stores,
  request: AddressedRequest,
  needs: readonly Need[],
  bucket: BucketRecord,
): void {
  if (request.operation === 'CreateMultipartUpload') refuseAnonymous(services, request, needs)
  if (bucket.hasPolicy) refuseOverrides(request)
  try {
    services.access.permit(request, needs, bucket)
  } catch (error) {
    if (bucket.hasPolicy || !(error instanceof AwsError) || error.code !== 'AccessDenied') throw error
    refuseAnonymous(services, request, needs)
  }
  refuseOverrides(request)
}

/**
 * Nothing is granted to this anonymous caller. An object under a KMS key refuses to be read in words of its own, and so does a
 * write that asks for one (AWS: "Protecting data with SSE-KMS", which needs Signature Version 4; evidence: s3-unsigned-kms). Of what
 * else there is of an object, its ACL or an upload to it, no word tells that it is there.
 */
function refuseAnonymous(services: Stores, request: AddressedRequest, needs: readonly Need[]): never {
  const { method } = request.call
  const isRead = (method === 'GET' || method === 'HEAD') && needs.some(({ action }) => action === 's3:GetObject')
  if (isRead) refuseUnsignedRead(services, request)
  else if (request.key !== '') refuseUnsignedWrite(request)
  throw s3Errors.AccessDenied()
}

function refuseUnsignedRead({ objects }: Stores, request: AddressedRequest): void {
  const stored = objects.find(request.bucketName, request.key)?.record
  if (stored && isKms(stored.envelope.scheme)) checkRead(stored.envelope, request, undefined)
  refuseOverrides(request)
}

function refuseOverrides({ query }: AddressedRequest): void {
  if (Object.keys(responseOverrides(query)).length === 0) return
  throw s3Errors.InvalidRequest('Request specific response headers cannot be used for anonymous GET requests.')
}

function refuseUnsignedWrite({ headers, authentication }: AddressedRequest): void {
  if (headers['x-amz-server-side-encryption']?.startsWith('aws:kms')) requireSignatureVersion4(authentication)
}
