import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startEmulatorTarget } from './emulator-target.ts'
import { type Asked, expectedOf, recordedInVain, staleDifference } from './expected.ts'
import { type Family, families } from './families.ts'
import { type Recording, readRecording, recordedFolder } from './recording.ts'
import { namesOf, runScenarios } from './run.ts'
import { caseOf, type Scenario } from './scenario.ts'
import type { Target } from './target.ts'

/*
 * The emulator is asked, and must answer as AWS did, or as the table says where nothing is recorded (docs/contract.md). `record.ts`
 * asks AWS. With S3KMS_TEST_RECORDINGS what is compared with is of a rehearsal.
 */

const rehearsed = process.env.S3KMS_TEST_RECORDINGS

/** Declares a test for each row of these families. All are asked before the first test, of one emulator. */
export function contract(...names: readonly Family[]): void {
  let target: Target | undefined
  beforeAll(async () => {
    target = await startEmulatorTarget()
  })
  afterAll(() => target?.close())
  describe.each(names)('%s', (family) => declareFamily(family, () => target ?? fail()))
}

function fail(): never {
  throw new Error('No emulator was started')
}

function recordingOfFamily(family: Family): Promise<Recording | undefined> {
  return rehearsed ? readRecording(rehearsed, family, 'rehearsal') : readRecording(recordedFolder, family)
}

function declareFamily(family: Family, target: () => Target): void {
  const scenarios: readonly Scenario[] = families[family].scenarios
  const names = namesOf(scenarios)
  let asked: Asked[] = []
  let left: string[] = []
  let recording: Recording | undefined

  beforeAll(async () => {
    recording = await recordingOfFamily(family)
    ;({ asked, left } = await runScenarios(target(), scenarios))
  })

  describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    for (const row of scenario.rows) {
      const name = caseOf(scenario, row)
      test(name.slice(scenario.name.length + 2), () => {
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
