import { type Recording, recordedAnswer } from './recording.ts'
import type { Answer, Row } from './scenario.ts'

/* What an answer is compared with: the recording of AWS, else the table, else what a row says the emulator answers instead. */

export interface Asked {
  /** `SCENARIO: Alice GetObject a` */
  case: string
  row: Row
  /** In names of examples. */
  arn: string
  /** Undefined: the scenario could not be set up, or the call not be made; `fault` says why. */
  answer: Answer | undefined
  fault?: unknown
}

type Expected = Pick<Asked, 'case' | 'row' | 'arn'>

/** What AWS answers: a recording of it counts for more than the table. */
export function answerOfAws({ case: name, row, arn }: Expected, recording: Recording | undefined): Answer {
  return (recording && recordedAnswer(recording, name)) ?? row.expect(arn, row.call)
}

/** What the emulator must answer. */
export function expectedOf(one: Expected, recording: Recording | undefined): Answer {
  const { row, arn } = one
  return row.differs ? row.differs.emulator(arn, row.call) : answerOfAws(one, recording)
}

/** @returns why a row says without need that the emulator differs; undefined where it does not say so, or differs indeed */
export function staleDifference(one: Asked, recording: Recording | undefined): string | undefined {
  const { differs } = one.row
  if (!differs || !one.answer || !isSame(one.answer, answerOfAws(one, recording))) return undefined
  return `The emulator answers as AWS does; take \`differs\` away: ${differs.why}`
}

/** What was recorded of rows that are in no table any more. */
export function recordedInVain(recording: Recording | undefined, names: readonly string[]): string[] {
  return (recording?.rows ?? []).map((row) => row.case).filter((name) => !names.includes(name))
}

function isSame(one: Answer, other: Answer): boolean {
  return one.status === other.status && one.code === other.code && one.message === other.message
}
