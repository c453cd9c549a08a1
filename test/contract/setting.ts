import type { Journal, Made } from './journal.ts'
import {
  exampleAccount,
  exampleBucket,
  exampleCanonicalUser,
  exampleDestination,
  exampleOther,
  exampleOtherCanonicalUser,
  Names,
} from './names.ts'
import { removeAll } from './removals.ts'
import { type Account, type Target, wait } from './target.ts'

/** How a name that somebody else has is refused. */
const isTaken =
  /^(EntityAlreadyExists|EntityAlreadyExistsException|AlreadyExistsException|BucketAlreadyExists|BucketAlreadyOwnedByYou)$/

/** What a scenario's set-up belongs to. */
export interface Belonging {
  /** The prefix of all names of the run. */
  run: string
  journal: Journal
  /** Nothing more is made when it is aborted. */
  signal: AbortSignal
}

/** Where a scenario is set up: its names in this run, and what must be taken away afterwards. */
export class Setting {
  readonly names = new Names()
  readonly target: Target
  readonly belonging: Belonging
  readonly #prefix: string
  readonly #made: Made[] = []

  /** @param prefix of all names of the scenario: lower-case letters, digits and hyphens */
  constructor(target: Target, prefix: string, belonging: Belonging) {
    this.target = target
    this.belonging = belonging
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

  /**
   * Makes something whose name is known before, and so is noted before. Where somebody else's has the name, it is not ours to take away.
   * @throws what `action` throws, and where the run was stopped
   */
  async make<Result>(made: Made, action: () => Promise<Result>): Promise<Result> {
    this.belonging.signal.throwIfAborted()
    this.note(made)
    try {
      return await action()
    } catch (error) {
      if (error instanceof Error && isTaken.test(error.name)) this.#withdraw(made)
      throw error
    }
  }

  /** Notes what has been made, or is about to be; what is there is noted even when the run was stopped meanwhile. */
  note(made: Made): void {
    this.#made.push(made)
    this.belonging.journal.add(made)
  }

  #withdraw(made: Made): void {
    this.#made.splice(this.#made.indexOf(made), 1)
    this.belonging.journal.withdraw(made)
  }

  /** @returns what could not be taken away, and why */
  clean(): Promise<string[]> {
    return removeAll(this.#made.splice(0), ({ isForeign }) => this.accountOf({ isForeign }).administrator)
  }

  /** Tries until it is done: on AWS a new principal may be named by policies, and assumed, only after seconds. */
  async persist<Result>(action: () => Promise<Result>): Promise<Result> {
    const { tries, pause } = this.target.patience
    for (let tried = 1; tried < tries && !this.belonging.signal.aborted; tried += 1) {
      const done = await action().catch(() => undefined)
      if (done !== undefined) return done
      await wait(pause, this.belonging.signal)
    }
    this.belonging.signal.throwIfAborted()
    return action()
  }
}
