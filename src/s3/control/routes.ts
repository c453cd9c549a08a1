import { decodePercent } from '../../protocol/uri.ts'
import { s3Errors } from '../errors.ts'
import type { Routed } from '../operation.ts'

/*
 * Routes of S3 Control, as AWS's model has them:
 *
 *   POST /v20180820/tags/{resourceArn+}    `{name}` is one segment, `{name+}` the rest
 *
 * Of several that match, the one with the most literal text is meant.
 */

interface Row<Target> {
  target: Target
  method: string
  pattern: RegExp
  weight: number
}

/** What a path means: whose route it is, and the decoded value of its first placeholder. */
export interface Match<Target> {
  target: Target
  value: string
}

/** @returns a finder, which throws AwsError MethodNotAllowed where no route matches and InvalidURI for broken encoding */
export function compileControlRoutes<Target extends Routed>(targets: readonly Target[]) {
  const rows = targets.map(rowOf).sort((a, b) => b.weight - a.weight)
  return (method: string, path: string): Match<Target> => {
    for (const { target, method: wanted, pattern } of rows) {
      const found = wanted === method && pattern.exec(path)
      if (!found) continue
      const value = decodePercent(found[1] ?? '')
      if (value === undefined) throw s3Errors.InvalidURI(path)
      return { target, value }
    }
    throw s3Errors.MethodNotAllowed(method, 'SERVICE')
  }
}

function rowOf<Target extends Routed>(target: Target): Row<Target> {
  const [method = '', path = ''] = target.route.split(' ')
  const literal = path.replace(/\{\w+\+?\}/g, '')
  const source = path.replace(/\{\w+\+\}/g, '(.+)').replace(/\{\w+\}/g, '([^/]+)')
  return { target, method, pattern: new RegExp(`^${source}$`), weight: literal.length }
}
