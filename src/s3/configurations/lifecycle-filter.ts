import { s3Errors } from '../errors.ts'
import type { LifecyclePredicates, LifecycleRule } from '../lifecycle/lifecycle-record.ts'
import { limitsSize, tagsOf } from '../lifecycle/rules.ts'

/*
 * S3's rules on the filter of a lifecycle rule: nothing, one predicate, or `And` with at least two.
 */

const longestPrefix = 1024
const longestKey = 128
const longestValue = 256
const largestSize = 1_099_511_627_776_000

/** @throws AwsError MalformedXML, InvalidRequest */
export function checkLifecycleFilter(rule: LifecycleRule): void {
  const { Filter = {}, Prefix } = rule
  if (Object.keys(Filter).length > 1) throw s3Errors.MalformedXML()
  if (Filter.And) {
    const { Tags = [], ...others } = Filter.And
    if (Tags.length + Object.keys(others).length < 2) throw s3Errors.MalformedXML()
  }
  const predicates = Filter.And ?? Filter
  if (Buffer.byteLength(Prefix ?? predicates.Prefix ?? '') > longestPrefix) {
    refuse(`The maximum size of a prefix is ${longestPrefix}`)
  }
  checkTags(rule)
  checkSizes(predicates)
  for (const action of withoutFilters(rule)) {
    if (tagsOf(Filter).length > 0) refuse(`${action} cannot be specified with Tags.`)
    if (limitsSize(rule)) refuse(`${action} cannot be specified with Object Size.`)
  }
}

/** The actions of a rule that are about no object: neither tags nor sizes can choose among them. */
function withoutFilters({ AbortIncompleteMultipartUpload, Expiration }: LifecycleRule): string[] {
  const names: string[] = []
  if (AbortIncompleteMultipartUpload) names.push('AbortIncompleteMultipartUpload')
  if (Expiration?.ExpiredObjectDeleteMarker !== undefined) names.push('ExpiredObjectDeleteMarker')
  return names
}

function checkTags({ Filter = {} }: LifecycleRule): void {
  const keys = new Set<string>()
  for (const { Key, Value } of tagsOf(Filter)) {
    if (keys.has(Key)) refuse('Duplicate Tag Keys are not allowed.')
    keys.add(Key)
    if (Key.length < 1 || Key.length > longestKey) {
      refuse(`A Tag's Key must be a length between 1 and ${longestKey}.`)
    }
    if (Value.length > longestValue) refuse(`A Tag's Value must be a length between 0 and ${longestValue}.`)
  }
}

function checkSizes({ ObjectSizeGreaterThan: above, ObjectSizeLessThan: below }: LifecyclePredicates): void {
  if (below !== undefined && (below < 1 || below > largestSize)) {
    refuse(`'ObjectSizeLessThan' should be between 1 and ${largestSize}.`)
  }
  if (above !== undefined && (above < 0 || above > largestSize)) {
    refuse(`'ObjectSizeGreaterThan' should be between 0 and ${largestSize}.`)
  }
  if (above === undefined || below === undefined || below > above) return
  refuse(`'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.`)
}

/** A filter as S3's messages show it: `(prefix=p and tag={key=k, value=v})`. */
export function filterText({ Prefix, Filter = {} }: LifecycleRule): string {
  const predicates = Filter.And ?? Filter
  const prefix = Prefix ?? predicates.Prefix
  const { ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = predicates
  const parts = [
    prefix === undefined ? [] : [`prefix=${prefix}`],
    tagsOf(Filter).map(({ Key, Value }) => `tag={key=${Key}, value=${Value}}`),
    above === undefined ? [] : [`objectsizegreaterthan=${above}`],
    below === undefined ? [] : [`objectsizelessthan=${below}`],
  ]
  return `(${parts.flat().join(' and ')})`
}

function refuse(message: string): never {
  throw s3Errors.InvalidRequest(message)
}
