import { type PolicyKind, PolicyMalformed, parsePolicy } from '../../aws/policy-parse.ts'
import { iamErrors } from '../errors.ts'

/* What identity and trust policies have in common as texts. */

export type Members = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns undefined for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One or several, as policies write them. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** Texts, where all are: one or several. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((item) => typeof item === 'string')
}

/** Characters that count against a quota: white space does not, where it is in no string (IAM User Guide, "quotas"). */
export function sizeOf(document: string): number {
  const strings = /"(?:[^"\\]|\\.)*"/gs
  const between = document.replace(strings, '').replace(/\s/g, '').length
  return between + [...document.matchAll(strings)].reduce((sum, [string]) => sum + string.length, 0)
}

/** A document that passed IAM's own checks must also be one that can be weighed. @throws AwsError MalformedPolicyDocument */
export function requireReadable(document: string, kind: PolicyKind, words: string): void {
  try {
    parsePolicy(document, kind)
  } catch (error) {
    throw error instanceof PolicyMalformed ? iamErrors.MalformedPolicyDocument(words) : error
  }
}
