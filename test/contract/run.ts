import type { Asked } from './expected.ts'
import { Journal, newRunName } from './journal.ts'
import { caseOf, needsOther, type Row, type Scenario } from './scenario.ts'
import type { Belonging } from './setting.ts'
import { Stage } from './stage.ts'
import { type Target, wait } from './target.ts'

/*
 * One run of a family of scenarios against a target:
 *
 *   set up    every scenario, several at once     principals ─▶ keys ─▶ buckets ─▶ policies and grants
 *   wait      on AWS, until it is known everywhere
 *   ask       every row, in the order of its scenario; on AWS until the answer stays the same
 *   clean up  everything, whatever happened
 */

/** How a run is led; the emulator's needs none of it. */
export interface Lead {
  /** Of all names. */
  run?: string
  /** Where what is made is noted, so that another run can take it away. */
  journals?: string
  /** Nothing more is made and asked when it is aborted; everything is taken away. */
  signal?: AbortSignal
}

export interface Outcomes {
  /** A row for each that this target can be asked; none where the run was stopped. */
  asked: Asked[]
  /** What could not be taken away, and why. */
  left: string[]
}

const atATime = 6

/** Sets up, asks and cleans up. */
export async function runScenarios(
  target: Target,
  scenarios: readonly Scenario[],
  { run = newRunName(), journals, signal = new AbortController().signal }: Lead = {},
): Promise<Outcomes> {
  const { own, other } = target
  const begun = new Date().toISOString()
  const journal = new Journal({ run, account: own.id, otherAccount: other?.id, begun }, journals)
  const stages = await stagesOf(target, scenarios, { run, journal, signal })
  let left: string[] = []
  let asked: Asked[] = []
  try {
    await inParallel(stages, (stage) => stage.setUp())
    await wait(target.patience.first, signal)
    asked = (await inParallel(stages, (stage) => stage.ask())).flat()
  } finally {
    left = (await inParallel(stages, (stage) => stage.clean())).flat()
    if (left.length === 0) journal.close()
  }
  return signal.aborted ? { asked: [], left } : { asked, left }
}

async function stagesOf(target: Target, scenarios: readonly Scenario[], belonging: Belonging): Promise<Stage[]> {
  const asked = scenarios
    .map((scenario) => ({ ...scenario, rows: scenario.rows.filter((row) => canBeAsked(target, scenario, row)) }))
    .filter(({ rows }) => rows.length > 0)
  const isPlain = asked.some((scenario) => scenario.overPlainHttp)
  const plain = (isPlain && (await target.overPlainHttp?.())) || target
  return asked.map((scenario, index) => {
    return new Stage(scenario.overPlainHttp ? plain : target, scenario, `${belonging.run}-${index}`, belonging)
  })
}

/** Whether there is everything that a row needs; what an emulator alone can do, or answers otherwise, is not asked in AWS's place. */
export function canBeAsked(
  { name, other, overPlainHttp }: Pick<Target, 'name' | 'other' | 'overPlainHttp'>,
  scenario: Scenario,
  { emulatorAlone, differs }: Row,
): boolean {
  if (needsOther(scenario) && !other) return false
  if (scenario.overPlainHttp && !overPlainHttp) return false
  if (name === 'rehearsal' && differs) return false
  return name === 'emulator' || emulatorAlone === undefined
}

/** @throws where two rows have the same name, by which recordings know them */
export function namesOf(scenarios: readonly Scenario[]): string[] {
  const names = scenarios.flatMap((scenario) => scenario.rows.map((row) => caseOf(scenario, row)))
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  if (twice.length > 0) throw new Error(`Two rows have the same name: ${twice.join(', ')}`)
  return names
}

async function inParallel<One, Result>(all: readonly One[], act: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const entries = all.entries()
  const work = async () => {
    for (const [index, one] of entries) results[index] = await act(one)
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return results
}
