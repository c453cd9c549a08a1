import { exampleAccount, exampleCanonicalUser, exampleOther, exampleOtherCanonicalUser } from './names.ts'

/*
 * What of an account must not be in a recording. Names of the run are those of examples already; this is for what AWS may say beside
 * them: ids of other accounts, of keys, users and roles, and canonical ids.
 */

const examples = new Set([exampleAccount, exampleOther, exampleCanonicalUser, exampleOtherCanonicalUser])
const hidden: readonly [RegExp, string][] = [
  [/\b\d{12}\b/g, '000000000000'],
  [/\b[0-9a-f]{64}\b/g, '0'.repeat(64)],
  [/\b(A[KS]IA|AIDA|AROA|AGPA|ANPA)[A-Z0-9]{12,17}\b/g, '$1EXAMPLE'],
  [/\bcontract-[0-9a-f]{12}(-[0-9]+)?/g, 'contract'],
]

export function redacted(message: string): string {
  return hidden.reduce(
    (text, [pattern, instead]) =>
      text.replace(pattern, (found) => (examples.has(found) ? found : found.replace(pattern, instead))),
    message,
  )
}
