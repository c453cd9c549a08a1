import { rmSync } from 'node:fs'
import { type AwsSettings, awsSettings } from './aws-settings.ts'
import { openAwsTarget } from './aws-target.ts'
import { costOf } from './cost.ts'
import type { Asked } from './expected.ts'
import { type Family, families } from './families.ts'
import { type Made, type Unfinished, unfinishedRuns } from './journal.ts'
import { recordingOf, writeRecording } from './recording.ts'
import { keysOfRun, removeAll } from './removals.ts'
import { namesOf, runScenarios } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { AdministratorClients, Target } from './target.ts'

/*
 * `S3KMS_TEST_TARGET=aws npm run contract [-- FAMILY …]` asks AWS what the tables ask, and keeps its answers. `-- --clean` takes away what
 * runs left that were killed. Ctrl-C takes everything away at once and keeps nothing.
 */

/** ms; a run takes some twenty minutes, and its keys cost by the hour. */
const longest = 2 * 3_600_000

export interface Surroundings {
  environment: NodeJS.ProcessEnv
  print(line: string): void
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** @returns the exit code: 0 where AWS answered as the tables say, 1 where not or where something stayed, 130 where it was stopped */
export async function record(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const settings = awsSettings(surroundings.environment)
  if (words.includes('--clean')) return takeAway(settings, surroundings)
  const asked = familiesOf(words)
  const unfinished = unfinishedRuns(settings.journals)
  if (unfinished.length > 0) {
    const names = unfinished.map(({ run, begun }) => `${run} of ${begun}`).join(', ')
    throw new Error(
      `Something may be left of ${names}, if it does not run still: npm run contract -- --clean takes it away`,
    )
  }
  checkCost(
    asked.flatMap((family) => families[family].scenarios),
    settings,
    surroundings,
  )
  let code = 0
  // Opened for each anew: the credentials of the second account are good for an hour.
  for (const family of asked) {
    const target = await openAwsTarget(settings)
    code = Math.max(code, await recordFamily(family, target, settings, surroundings))
  }
  return surroundings.signal.aborted ? 130 : code
}

function familiesOf(words: readonly string[]): Family[] {
  const all = Object.keys(families) as Family[]
  const unknown = words.find((word) => !all.some((family) => family === word))
  if (unknown !== undefined) throw new Error(`${unknown} is no family; there are ${all.join(', ')}`)
  return words.length === 0 ? all : all.filter((family) => words.includes(family))
}

function checkCost(scenarios: readonly Scenario[], { mostDollars }: AwsSettings, { print }: Surroundings): void {
  const { keys, requests, dollars } = costOf(scenarios)
  const words = `${keys} KMS keys for an hour at most and ${requests} requests: ${dollars.toFixed(2)} dollars at most`
  if (dollars > mostDollars) {
    throw new Error(`This makes ${words}, and S3KMS_TEST_AWS_MOST_DOLLARS is ${mostDollars}: nothing was done`)
  }
  print(`This makes ${words}`)
}

async function recordFamily(
  family: Family,
  target: Target,
  settings: AwsSettings,
  surroundings: Surroundings,
): Promise<number> {
  const { print } = surroundings
  if (surroundings.signal.aborted) return 130
  const signal = AbortSignal.any([surroundings.signal, AbortSignal.timeout(longest)])
  const { scenarios } = families[family]
  const names = namesOf(scenarios)
  const { asked, left } = await runScenarios(target, scenarios, { journals: settings.journals, signal })
  for (const one of left) print(`  stays: ${one}`)
  if (signal.aborted) {
    print(`${family}: stopped; nothing is recorded${left.length > 0 ? '' : ', and everything is taken away'}`)
    return 130
  }
  const others = asked.filter((one) => !isAsExpected(one))
  for (const one of others) print(`  ${describe(one)}`)
  await writeRecording(settings.recordings, family, recordingOf(target, asked))
  print(`${family}: ${asked.length} of ${names.length} rows asked, ${others.length} not as the table says`)
  return others.length + left.length > 0 ? 1 : 0
}

function isAsExpected({ answer, row, arn }: Asked): boolean {
  return JSON.stringify(answer) === JSON.stringify(row.expect(arn, row.call))
}

function describe(one: Asked): string {
  if (!one.answer) return `${one.case}: not recorded, ${one.fault}`
  const { status, code, message } = one.answer
  return `${one.case}: ${status} ${code} ${message}`
}

/** Takes away what is in journals of earlier runs, and the keys that have their tag; nothing else. */
async function takeAway(settings: AwsSettings, { print }: Surroundings): Promise<number> {
  const runs = unfinishedRuns(settings.journals)
  if (runs.length === 0) print('No run left anything')
  const target = runs.length > 0 ? await openAwsTarget(settings) : undefined
  let code = 0
  for (const run of runs) {
    const left = await takeAwayRun(run, target)
    for (const one of left) print(`  stays: ${one}`)
    print(`${run.run}: ${left.length > 0 ? `${left.length} stay` : 'taken away'}`)
    if (left.length === 0) rmSync(run.path)
    else code = 1
  }
  return code
}

async function takeAwayRun(
  { run, account, otherAccount, made }: Unfinished,
  target: Target | undefined,
): Promise<string[]> {
  const own = target?.own.id === account ? target.own.administrator : undefined
  const other = target?.other && target.other.id === otherAccount ? target.other.administrator : undefined
  const clientsOf = ({ isForeign }: Pick<Made, 'isForeign'>) => (isForeign ? other : own)
  if (!own) return [`it was a run in account ${account}`]
  const keys = [...(await keysOf(own, run)), ...(await keysOf(other, run, true))]
  return removeAll([...made, ...keys], clientsOf)
}

async function keysOf(clients: AdministratorClients | undefined, run: string, isForeign?: true): Promise<Made[]> {
  const ids = clients ? await keysOfRun(clients, run) : []
  return ids.map((name) => ({ kind: 'key', name, isForeign }))
}
