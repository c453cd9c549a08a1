import type { Caller } from '../aws/caller.ts'
import { AwsError } from '../aws/errors.ts'
import type { Transaction } from '../store/database.ts'
import type { Explanation, Explanations, Note } from './explanations.ts'
import { type Ruling, tell } from './ruling.ts'

/** A call of IAM or STS, as far as its refusal tells of it. */
interface RefusedCall {
  requestId: string
  service: 'iam' | 'sts'
  operation: string
  region: string
  /** ms since the epoch */
  time: number
  caller: Caller
  /** What was asked of policies, in order. */
  rulings: readonly Ruling[]
}

class RefusalNote implements Note {
  readonly requestId: string
  readonly #call: RefusedCall
  readonly #error: Explanation['error']

  constructor(call: RefusedCall, { code, message }: AwsError) {
    this.requestId = call.requestId
    this.#call = call
    this.#error = { code, message }
  }

  explain(): Explanation {
    const { caller, rulings, ...call } = this.#call
    const { arn, accountId } = caller
    return { ...call, caller: { arn, accountId }, error: this.#error, rulings: rulings.map((ruling) => tell(ruling)) }
  }
}

/**
 * Keeps why policies refused a call, and stages it beside the call's event; of other errors nothing is kept.
 * @param thrown what the call ended in
 */
export function noteRefusal(
  explanations: Explanations,
  transaction: Transaction,
  call: RefusedCall,
  thrown: unknown,
): void {
  if (!(thrown instanceof AwsError) || call.rulings.every(({ allowed }) => allowed)) return
  const note = new RefusalNote(call, thrown)
  explanations.keep(note)
  explanations.store(transaction, note.explain())
}
