import type { Explanation, Note } from '../../access/explanations.ts'
import type { WeighedRequest } from '../operation.ts'
import { type S3Ruling, tellS3 } from './told-ruling.ts'

/** DeleteObjects asks for a thousand keys: so many rulings are kept, and as many more that refuse. */
const mostAllowed = 100
const mostRulings = 2 * mostAllowed

/** What is kept of a request about which something was weighed. It holds nothing of the request's body or connection. */
export class RequestNote implements Note {
  readonly requestId: string
  error: Explanation['error']
  readonly #time: number
  readonly #operation: string
  readonly #region: string
  readonly #caller: Explanation['caller']
  /** By action and resource: a request that changes its bucket is weighed again under the bucket's lock. */
  readonly #rulings = new Map<string, S3Ruling>()

  /** @param time ms since the epoch */
  constructor({ requestId, operation, authentication }: WeighedRequest, time: number) {
    const { caller, region } = authentication
    this.requestId = requestId
    this.#time = time
    this.#operation = operation
    this.#region = region
    this.#caller = { arn: caller.arn, accountId: caller.accountId }
  }

  add(ruling: S3Ruling): void {
    if (this.#rulings.size >= (ruling.allowed ? mostAllowed : mostRulings)) return
    this.#rulings.set(`${ruling.action} ${ruling.resource}`, ruling)
  }

  explain(): Explanation {
    return {
      requestId: this.requestId,
      service: 's3',
      time: this.#time,
      operation: this.#operation,
      region: this.#region,
      caller: this.#caller,
      ...(this.error && { error: this.error }),
      rulings: [...this.#rulings.values()].map(tellS3),
    }
  }
}
