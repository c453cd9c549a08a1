import type { FormFields } from '../../protocol/policy-form.ts'
import { s3Errors } from '../errors.ts'

/*
 * The policy document that a browser upload's signature covers:
 *
 *   { "expiration": "2026-01-01T00:00:00.000Z",
 *     "conditions": [ {"acl": "private"}, ["eq", "$key", "a"], ["starts-with", "$Content-Type", "image/"],
 *                     ["content-length-range", 1, 10] ] }
 *
 * Every condition must hold, and every field of the form must have one. Source: Amazon S3 API Reference, "POST policy".
 */

export interface PostPolicy {
  /** ms since the epoch */
  expiration: number
  conditions: FieldCondition[]
  size: SizeRange
}

interface FieldCondition {
  operator: 'eq' | 'starts-with'
  /** As written, without its `$`; undefined: it was written without one, so that no field is meant and nothing holds. */
  field: string | undefined
  /** As a refusal prints it. */
  printedField: string
  value: string
}

/** Bytes of the file, both ends included. */
export interface SizeRange {
  minimum: number
  maximum: number
}

export const anySize: SizeRange = { minimum: 0, maximum: Number.POSITIVE_INFINITY }

/**
 * Parses the form field `policy`. AWS's message is known for Simple-Conditions alone; the others are assumed (evidence: s3-form).
 * @throws AwsError InvalidPolicyDocument
 */
export function parsePostPolicy(base64: string): PostPolicy {
  const document = parseJson(Buffer.from(base64, 'base64').toString('utf8'))
  if (!isRecord(document)) throw invalid('Invalid JSON.')
  const { expiration, conditions } = document
  if (typeof expiration !== 'string') throw invalid('Policy missing expiration.')
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(expiration) ? Date.parse(expiration) : Number.NaN
  if (Number.isNaN(time)) throw invalid(`Invalid 'expiration' value: '${expiration}'`)
  if (!Array.isArray(conditions)) throw invalid('Policy missing conditions.')
  const policy: PostPolicy = { expiration: time, conditions: [], size: anySize }
  for (const condition of conditions) {
    if (Array.isArray(condition)) addListCondition(policy, condition)
    else policy.conditions.push(readSimpleCondition(condition))
  }
  return policy
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('Invalid JSON.')
  }
}

function readSimpleCondition(condition: unknown): FieldCondition {
  if (!isRecord(condition)) throw invalid('Invalid Condition: must be an object or a list.')
  const [property, another] = Object.entries(condition)
  if (property === undefined || another !== undefined) {
    throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.')
  }
  const [field, value] = property
  if (typeof value !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.')
  return { operator: 'eq', field, printedField: `$${field}`, value }
}

function addListCondition(policy: PostPolicy, [operator, first, second, ...more]: unknown[]): void {
  const name = typeof operator === 'string' ? operator.toLowerCase() : ''
  if (more.length > 0 || second === undefined) throw invalid('Invalid Condition: wrong number of arguments.')
  if (name === 'content-length-range') {
    const { minimum, maximum } = policy.size
    policy.size = { minimum: Math.max(minimum, readSize(first)), maximum: Math.min(maximum, readSize(second)) }
    return
  }
  if (name !== 'eq' && name !== 'starts-with') throw invalid(`Invalid Condition: unknown operation '${operator}'.`)
  if (typeof first !== 'string' || typeof second !== 'string') {
    throw invalid(`Invalid Condition: '${name}' needs a field name that begins with $, and a string.`)
  }
  const field = first.startsWith('$') ? first.slice(1) : undefined
  policy.conditions.push({ operator: name, field, printedField: first, value: second })
}

function readSize(given: unknown): number {
  const size = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size
  throw invalid('Invalid Condition: content-length-range needs two numbers of bytes.')
}

/** Fields that no condition need cover: the signature cannot cover itself. */
const exemptFields = new Set(['policy', 'file', 'x-amz-signature', 'signature', 'awsaccesskeyid'])

/**
 * Holds a form against its policy.
 * @param fields with `${filename}` expanded, and the `bucket` that was addressed
 * @throws AwsError AccessDenied with the first demand that does not hold
 */
export function checkPostPolicy({ expiration, conditions }: PostPolicy, fields: FormFields, now: number): void {
  if (now > expiration) throw s3Errors.AccessDenied('Invalid according to Policy: Policy expired.')
  const covered = new Set<string>()
  for (const condition of conditions) {
    const name = condition.field?.toLowerCase()
    if (name === undefined || !holds(condition, name, fields[name])) throw failed(condition)
    covered.add(name)
  }
  const extra = Object.keys(fields).filter((name) => !covered.has(name) && !isExempt(name))
  if (extra.length > 0)
    throw s3Errors.AccessDenied(`Invalid according to Policy: Extra input fields: ${extra.join(', ')}`)
}

function isExempt(name: string): boolean {
  return exemptFields.has(name) || name.startsWith('x-ignore-')
}

/** `starts-with` of a Content-Type that is a list asks it of each item. */
function holds({ operator, value }: FieldCondition, name: string, given: string | undefined): boolean {
  if (given === undefined) return false
  if (operator === 'eq') return given === value
  const items = name === 'content-type' ? given.split(',').map((item) => item.trim()) : [given]
  return items.every((item) => item.startsWith(value))
}

function failed({ operator, printedField, value }: FieldCondition): Error {
  const printed = [operator, printedField, value].map((text) => JSON.stringify(text)).join(', ')
  return s3Errors.AccessDenied(`Invalid according to Policy: Policy Condition failed: [${printed}]`)
}

function invalid(fault: string): Error {
  return s3Errors.InvalidPolicyDocument(`Invalid Policy: ${fault}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
