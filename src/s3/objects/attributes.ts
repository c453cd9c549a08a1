import { s3Errors } from '../errors.ts'
import {
  attributesOf,
  type EveryAttribute,
  type ObjectAttributes,
  type StorageClass,
  storageClasses,
} from '../records/object-attributes.ts'
import { rawText } from './metadata.ts'
import type { Lock } from './object-lock.ts'
import { readTagHeader } from './tags.ts'

type Headers = Readonly<Record<string, string>>

const taggingHeader = 'x-amz-tagging'
const classHeader = 'x-amz-storage-class'
const redirectHeader = 'x-amz-website-redirect-location'

/**
 * Reads the attributes that a write asks for.
 * @param headers its headers, or a form's fields in their place
 * @param lock as `lockOfWrite` has it
 * @returns undefined where it asks for none
 * @throws AwsError InvalidStorageClass, InvalidRedirectLocation, and what `readTagHeader` throws
 */
export function readAttributes(headers: Headers, lock: Lock | undefined): ObjectAttributes | undefined {
  const { [taggingHeader]: tagging, [classHeader]: storageClass, [redirectHeader]: redirect } = headers
  if (!lock && tagging === undefined && storageClass === undefined && redirect === undefined) return undefined
  return attributesOf({
    storageClass: readStorageClass(storageClass),
    websiteRedirectLocation: readRedirect(redirect),
    tags: readTagHeader(tagging),
    retention: lock?.retention,
    legalHold: lock?.legalHold,
  })
}

/** The attributes with the tags that the object shall have in place of its own. */
export function withTags(attributes: ObjectAttributes | undefined, tags: EveryAttribute['tags']) {
  if (attributes === undefined && tags === undefined) return undefined
  return attributesOf({ ...everyAttributeOf(attributes), tags: tags?.length === 0 ? undefined : tags })
}

/** The attributes with another lock in place of what is named of it. */
export function withLock(attributes: ObjectAttributes | undefined, lock: Lock) {
  return attributesOf({ ...everyAttributeOf(attributes), ...lock })
}

function everyAttributeOf(attributes: ObjectAttributes | undefined): EveryAttribute {
  return {
    storageClass: attributes?.storageClass,
    websiteRedirectLocation: attributes?.websiteRedirectLocation,
    tags: attributes?.tags,
    retention: attributes?.retention,
    legalHold: attributes?.legalHold,
  }
}

function readStorageClass(value: string | undefined): EveryAttribute['storageClass'] {
  if (value === undefined || value === 'STANDARD') return undefined
  const known = storageClasses.find((name): name is Exclude<StorageClass, 'STANDARD'> => name === value)
  if (known) return known
  if (value === 'FSX_OPENZFS') throw s3Errors.InvalidArgument('FSX_OPENZFS is not allowed.', classHeader, value)
  throw s3Errors.InvalidStorageClass(value)
}

/** Bytes (evidence: s3-redirect-location). */
const longestRedirect = 2048

function readRedirect(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  if (!/^(\/|https?:\/\/)/.test(value)) {
    throw s3Errors.InvalidRedirectLocation(
      "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    )
  }
  if (Buffer.byteLength(value) <= longestRedirect) return value
  throw s3Errors.InvalidRedirectLocation('The length of website redirect location cannot exceed 2,048 characters.')
}

/** What GET and HEAD say of them; nothing of an object of the class STANDARD. */
export function attributeHeaders(attributes: ObjectAttributes): Record<string, string> {
  const { websiteRedirectLocation } = attributes
  const headers = storageClassHeader({ attributes })
  if (websiteRedirectLocation !== undefined) headers[redirectHeader] = rawText(websiteRedirectLocation)
  return headers
}

/** What answers of writes say of the class; STANDARD is not told. */
export function storageClassHeader({ attributes }: { attributes?: ObjectAttributes }): Record<string, string> {
  return attributes?.storageClass === undefined ? {} : { [classHeader]: attributes.storageClass }
}
