import { Cleaner } from './cleaner.ts'
import {
  exampleAccount,
  exampleBucket,
  exampleCanonicalUser,
  exampleDestination,
  exampleOther,
  exampleOtherCanonicalUser,
  Names,
} from './names.ts'
import { type Account, type Target, wait } from './target.ts'

/** Where a scenario is set up: its names in this run, and what must be taken away afterwards. */
export class Setting {
  readonly names = new Names()
  readonly cleaner = new Cleaner()
  readonly target: Target
  readonly #prefix: string

  /** @param prefix of all names of the scenario: lower-case letters, digits and hyphens */
  constructor(target: Target, prefix: string) {
    this.target = target
    this.#prefix = prefix
    this.names.give(exampleAccount, target.own.id)
    this.names.give(exampleCanonicalUser, target.own.canonicalId)
    if (target.other) this.names.give(exampleOther, target.other.id)
    if (target.other) this.names.give(exampleOtherCanonicalUser, target.other.canonicalId)
    this.names.give(exampleBucket, prefix)
    this.names.give(exampleDestination, `${prefix}-destination`)
  }

  /** The name in this run of what a table calls so. */
  name(example: string): string {
    const actual = `${this.#prefix}-${example}`
    this.names.give(example, actual)
    return actual
  }

  accountOf({ isForeign }: { isForeign?: true }): Account {
    const account = isForeign ? this.target.other : this.target.own
    if (!account) throw new Error('There is no second account')
    return account
  }

  /** Tries until it is done: on AWS a new principal may be named by policies, and assumed, only after seconds. */
  async persist<Result>(action: () => Promise<Result>): Promise<Result> {
    const { most, pause } = this.target.patience
    const end = Date.now() + most
    while (Date.now() < end) {
      const done = await action().catch(() => undefined)
      if (done !== undefined) return done
      await wait(pause)
    }
    return action()
  }
}
