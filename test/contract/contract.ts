import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { awsSettings, openAwsTarget } from './aws-target.ts'
import { startEmulatorTarget } from './emulator-target.ts'
import { type Asked, expectedOf, recordedInVain, staleDifference } from './expected.ts'
import { type Family, families } from './families.ts'
import { type Recording, readRecording, recordedFolder, writeRecording } from './recording.ts'
import { canBeAsked, recordingOf, runScenarios } from './run.ts'
import { caseOf, type Scenario } from './scenario.ts'
import type { Target } from './target.ts'

/*
 * S3KMS_TEST_TARGET=aws asks an account of AWS and keeps what it answers in `recorded/`; without it the emulator is asked, and must
 * answer as AWS did, or as the table says where nothing is recorded (docs/contract.md).
 */

const isAws = process.env.S3KMS_TEST_TARGET === 'aws'
const hasOther = !isAws || process.env.S3KMS_TEST_AWS_OTHER_ROLE !== undefined

function openTarget(): Promise<Target> {
  return isAws ? openAwsTarget(awsSettings()) : startEmulatorTarget()
}

/** What a run costs on AWS: a key has a price by the hour, what waits for its deletion has none. */
function costOf(scenarios: readonly Scenario[]): string {
  const keys = scenarios.flatMap((scenario) => Object.keys(scenario.keys ?? {})).length
  return `makes ${keys} KMS keys at one dollar a month each, for as long as it runs, and some thousand requests: cents`
}

/** Declares a test for each row of these families. All are asked before the first test, of one target. */
export function contract(...names: readonly Family[]): void {
  let target: Target | undefined
  beforeAll(async () => {
    target = await openTarget()
  })
  afterAll(() => target?.close())
  describe.each(names)('%s', (family) => declareFamily(family, () => target ?? fail()))
}

function fail(): never {
  throw new Error('No target was opened')
}

function declareFamily(family: Family, target: () => Target): void {
  const scenarios: readonly Scenario[] = families[family].scenarios
  let asked: Asked[] = []
  let left: string[] = []
  let recording: Recording | undefined

  const names = scenarios.flatMap((scenario) => scenario.rows.map((row) => caseOf(scenario, row)))
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  if (twice.length > 0) throw new Error(`Two rows of ${family} have the same name: ${twice.join(', ')}`)

  beforeAll(async () => {
    if (isAws) process.stderr.write(`${family}: ${costOf(scenarios)}\n`)
    recording = isAws ? undefined : await readRecording(recordedFolder, family)
    ;({ asked, left } = await runScenarios(target(), scenarios))
    if (isAws) await writeRecording(recordedFolder, family, recordingOf(target(), asked))
  })

  describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    for (const row of scenario.rows) {
      const name = caseOf(scenario, row)
      const declare = canBeAsked({ isAws, hasOther }, scenario, row) ? test : test.skip
      declare(name.slice(scenario.name.length + 2), () => {
        const one = asked.find((each) => each.case === name)
        if (!one || one.fault) throw one?.fault ?? new Error('It was not asked')
        expect(one.answer).toEqual(expectedOf(one, recording))
        expect(staleDifference(one, recording)).toBeUndefined()
      })
    }
  })

  test('What was recorded is of rows that are still asked', () => {
    expect(recordedInVain(recording, names)).toEqual([])
  })

  test('Everything that was made is taken away again', () => {
    expect(left).toEqual([])
  })
}
