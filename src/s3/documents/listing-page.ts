import { canonicalUserId } from '../../aws/caller.ts'
import type { XmlElement } from '../../protocol/rest-xml.ts'
import { encodeForm } from '../../protocol/uri.ts'
import { timestamp } from '../dates.ts'
import { s3Errors } from '../errors.ts'
import { ownerIn } from '../objects/ownership.ts'
import type { BucketRequest, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ListingPage, ListingQuery } from '../records/listing.ts'
import { storageClassOf } from '../records/object-attributes.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import { restoreStateAt } from '../records/restore.ts'
import type { S3Settings } from '../settings.ts'
import { namedOwner } from './named-owner.ts'

const largestPage = 1000

const largestInteger = 2 ** 31 - 1

/** How a page shows the owner of what it lists. */
export type OwnerOf = (object: Pick<ObjectRecord, 'ownerAccountId'>) => XmlElement

/** Owners as a page shows them: few accounts, each made once, as an id costs a hash. */
export function ownersIn(bucket: BucketRecord, settings: S3Settings): OwnerOf {
  const owners = new Map<string, XmlElement>()
  return ({ ownerAccountId }) => {
    const account = ownerIn(bucket, ownerAccountId)
    const known = owners.get(account) ?? namedOwner(canonicalUserId(account), settings)
    owners.set(account, known)
    return known
  }
}

type CommonQuery = Omit<ListingQuery, 'start'> & {
  encodingType: string | undefined
  /** Of a key in the answer: as asked for by encoding-type. */
  encode: (text: string) => string
}

/** What the three lists have in common. */
export function commonQuery({ bucket, query }: BucketRequest): CommonQuery {
  const encodingType = query.get('encoding-type')
  if (encodingType !== undefined && encodingType !== 'url') {
    throw s3Errors.InvalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  }
  return {
    bucket: bucket.name,
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: maxKeys(query.get('max-keys')),
    encodingType,
    encode: encodingType === 'url' ? urlEncode : (text) => text,
  }
}

function maxKeys(value: string | undefined): number {
  if (value === undefined || value === '') return largestPage
  const number = Number(value)
  if (!/^-?\d+$/.test(value) || number > largestInteger || number < -largestInteger) {
    throw s3Errors.InvalidArgument('Provided max-keys not an integer or within integer range', 'max-keys', value)
  }
  if (number >= 0) return Math.min(number, largestPage)
  throw s3Errors.InvalidArgument(
    `Argument maxKeys must be an integer between 0 and ${largestInteger}`,
    'maxKeys',
    value,
  )
}

/** Encodes as a form does, but keeps slashes (evidence: s3-url-encoding). */
export function urlEncode(text: string): string {
  return encodeForm(text).replaceAll('%2F', '/')
}

/** What a list shows of objects beyond what all lists show. */
export interface Shown {
  /** Where owners are asked for. */
  ownerOf?: OwnerOf
  /** ms since the epoch, where it is asked what copies of archived objects are there. */
  restoresAt?: number
}

/**
 * Reads `x-amz-optional-object-attributes`, which knows one.
 * @returns the moment, where it asks for RestoreStatus
 * @throws AwsError InvalidArgument for another; the words are those of GetObjectAttributes (assumption)
 */
export function restoresAskedAt({ ambient }: Pick<S3Services, 'ambient'>, { headers }: BucketRequest) {
  const asked = headers['x-amz-optional-object-attributes']
  if (asked === undefined) return undefined
  const strange = asked.split(',').find((name) => name.trim() !== 'RestoreStatus')
  if (strange === undefined) return ambient.now()
  throw s3Errors.InvalidArgument('Invalid attribute name specified.', 'x-amz-optional-object-attributes', strange)
}

export function contentsOf(page: ListingPage, encode: CommonQuery['encode'], shown: Shown = {}): XmlElement[] {
  return page.entries.flatMap((entry) => ('key' in entry ? [contentOf(encode(entry.key), entry.object, shown)] : []))
}

/** An object in a list. @param Key as it is shown */
export function contentOf(Key: string, object: ObjectRecord, { ownerOf, restoresAt }: Shown): XmlElement {
  const { lastModified, etag, checksum, size } = object
  return {
    Key,
    LastModified: timestamp(lastModified),
    ETag: `"${etag}"`,
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: size,
    Owner: ownerOf?.(object),
    StorageClass: storageClassOf(object),
    RestoreStatus: restoresAt === undefined ? undefined : restoreStatus(object, restoresAt),
  }
}

function restoreStatus(object: ObjectRecord, now: number): XmlElement | undefined {
  const state = restoreStateAt(object, now)
  if (state === 'none' || !object.restore) return undefined
  if (state === 'ongoing') return { IsRestoreInProgress: true }
  return { IsRestoreInProgress: false, RestoreExpiryDate: timestamp(object.restore.expiresAt) }
}

export function commonPrefixesOf(
  page: { entries: readonly (object | { commonPrefix: string })[] },
  encode: CommonQuery['encode'],
): XmlElement[] {
  return page.entries.flatMap((entry) => ('commonPrefix' in entry ? [{ Prefix: encode(entry.commonPrefix) }] : []))
}
