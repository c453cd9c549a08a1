import { s3Errors } from '../errors.ts'
import type { Tag } from '../records/object-attributes.ts'

/*
 * Tags of objects and buckets. Lengths count UTF-16 units. Source: "Categorizing your objects using tags" and "Tagging S3
 * buckets" in the Amazon S3 User Guide (evidence: s3-object-tagging, s3-bucket-tagging).
 */

/** How many there may be, and the messages of an operation for what is wrong with one. */
export interface TagRules {
  /** @throws AwsError where there are too many */
  checkCount(count: number): void
  duplicate: string
  system: string
  /** Where `aws:` is refused in any case; undefined: in lower case alone. */
  almostSystem?: string
  key: string
  value: string
}

const longestKey = 128
const longestValue = 256
const allowed = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u

/**
 * Checks tags: how many, then one after another.
 * @throws AwsError InvalidTag, and what the rules have for too many
 */
export function checkTags(tags: readonly Tag[], rules: TagRules): void {
  rules.checkCount(tags.length)
  const keys = new Set<string>()
  for (const { Key, Value } of tags) {
    if (keys.has(Key)) throw s3Errors.InvalidTag(rules.duplicate, { TagKey: Key })
    keys.add(Key)
    if (Key.startsWith('aws:')) throw s3Errors.InvalidTag(rules.system, { TagKey: Key })
    if (rules.almostSystem && /^aws:/i.test(Key)) throw s3Errors.InvalidTag(rules.almostSystem, { TagKey: Key })
    if (Key === '' || !isFit(Key, longestKey)) throw s3Errors.InvalidTag(rules.key, { TagKey: Key })
    if (!isFit(Value, longestValue)) throw s3Errors.InvalidTag(rules.value, { TagKey: Key, TagValue: Value })
  }
}

function isFit(text: string, longest: number): boolean {
  return text.length <= longest && allowed.test(text)
}

const mostTags = 10

/** Of an object's tags, however they come. */
export const objectTagRules: TagRules = {
  checkCount(count) {
    if (count > mostTags) throw s3Errors.BadRequest(`Object tags cannot be greater than ${mostTags}`)
  },
  duplicate: 'Cannot provide multiple Tags with the same key',
  system: 'Your TagKey cannot be prefixed with aws:',
  key: 'The TagKey you have provided is invalid',
  value: 'The TagValue you have provided is invalid',
}

const header = 'x-amz-tagging'

/**
 * Reads `x-amz-tagging`: `key=value&key=value`, encoded as a form. Tags of a header have no order of their own, so they are kept
 * by key.
 * @returns undefined where there are none
 * @throws AwsError InvalidArgument for another form or a key that is there twice; BadRequest, InvalidTag
 */
export function readTagHeader(text: string | undefined): readonly Tag[] | undefined {
  if (text === undefined || text === '') return undefined
  const tags = text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => tagOf(pair, text))
  if (tags.length === 0) return undefined
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw unfitHeader(text)
  checkTags(tags, objectTagRules)
  return tags.sort((one, other) => (one.Key < other.Key ? -1 : 1))
}

function tagOf(pair: string, text: string): Tag {
  const [key = '', value = '', more] = pair.split('=')
  if (more !== undefined) throw unfitHeader(text)
  try {
    return { Key: decode(key), Value: decode(value) }
  } catch {
    throw unfitHeader(text)
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

function unfitHeader(text: string) {
  const message = `The header '${header}' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.`
  return s3Errors.InvalidArgument(message, header, text)
}

/** The tags as {@link readTagHeader} reads them. */
export function tagHeaderOf(tags: readonly Tag[]): string {
  return new URLSearchParams(tags.map(({ Key, Value }) => [Key, Value])).toString()
}
