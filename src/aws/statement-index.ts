import type { Policy, Statement } from './policy-parse.ts'
import { PrefixIndex } from './prefix-index.ts'

/** Up to so many statements are all looked at. */
const few = 4
/** Of each it is kept which statements it fits. A service has hundreds, a client of the policy simulator may name any. */
const mostActions = 64

/** The statements that an action fits. */
interface Fitting {
  /** 1 at the position of each. */
  fits: Uint8Array
  /** Their positions; undefined where the policy has more than a few statements. */
  few: readonly number[] | undefined
}

/**
 * Finds the statements of a policy that may fit a request, so that a policy of a thousand is weighed like one of ten:
 *
 *   action      which statements it fits, kept from the first time: a byte a statement
 *   resource    by what stands before the first wildcard or variable of its patterns; NotResource may be about anything
 */
export class StatementIndex {
  readonly #statements: readonly Statement[]
  readonly #byAction = new Map<string, Fitting>()
  #byResource: PrefixIndex<number> | undefined

  constructor({ statements }: Policy) {
    this.#statements = statements
  }

  /**
   * @param lowerAction in lower case
   * @returns positions, in their order: all whose action fits and whose resource may
   */
  find(lowerAction: string, resource: string): readonly number[] {
    const { fits, few } = this.#fitting(lowerAction)
    return few ?? this.#about(resource).filter((position) => fits[position] === 1)
  }

  #fitting(lowerAction: string): Fitting {
    const known = this.#byAction.get(lowerAction)
    if (known) return known
    const fits = Uint8Array.from(this.#statements, ({ action }) =>
      action.fixed.matches(lowerAction) === action.negated ? 0 : 1,
    )
    if (this.#byAction.size >= mostActions) this.#byAction.clear()
    const fitting = { fits, few: fits.length <= few ? positionsIn(fits) : undefined }
    this.#byAction.set(lowerAction, fitting)
    return fitting
  }

  #about(resource: string): number[] {
    this.#byResource ??= new PrefixIndex(this.#statements.flatMap(prefixesOf))
    const found = this.#byResource.under(resource)
    return [...new Set(found)].sort((a, b) => a - b)
  }
}

function positionsIn(fits: Uint8Array): number[] {
  return [...fits.keys()].filter((position) => fits[position] === 1)
}

function prefixesOf({ resource, effect }: Statement, position: number): [string, number][] {
  // A Deny whose variables are ambiguous is about everything.
  const isAboutAnything = !resource || resource.negated || (effect === 'Deny' && resource.variable.length > 0)
  if (isAboutAnything) return [['', position]]
  return resource.patterns.map((pattern) => [prefixOf(pattern), position])
}

function prefixOf(pattern: string): string {
  const end = pattern.search(/[*?]|\$\{/)
  return end < 0 ? pattern : pattern.slice(0, end)
}
