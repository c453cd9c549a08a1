/** A statement of a policy document, as it is written. */
export interface PolicyStatement {
  Sid?: string
  Effect: 'Allow'
  Principal?: { AWS: string }
  Action: string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

/** So many values are listed; more become the beginning that they share. */
const listedAtMost = 10

/** Values as a condition or a Resource names them. `isPattern`: with a wildcard at the end. */
export interface Values {
  values: string[]
  isPattern: boolean
}

/**
 * @param found at least one
 * @returns each by itself, or what all of them begin with, up to its last `/` where it has one
 */
export function generalized(found: ReadonlySet<string>): Values {
  const values = [...found].sort()
  if (values.length <= listedAtMost) return { values: values.map(literal), isPattern: false }
  const shared = sharedBeginning(values)
  const folder = shared.slice(0, shared.lastIndexOf('/') + 1)
  return { values: [`${literal(folder || shared)}*`], isPattern: true }
}

/** In order, the first and the last share what all share. */
function sharedBeginning(sorted: readonly string[]): string {
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)]
  let length = 0
  while (length < first.length && first[length] === last[length]) length++
  return first.slice(0, length)
}

/** Policies read `${…}` as a variable, and `*` and `?` in patterns; each can be written as the sign itself (IAM User Guide). */
export function literal(text: string): string {
  return text.replace(/[*?$]/g, (sign) => `\${${sign}}`)
}
