import { expect, test } from '@jest/globals'
import { LabRefusal } from '../lab/refusal.ts'
import { answerOfError } from './failure.ts'

test.each<[string, { destroyed: boolean; complete: boolean }, string[]]>([
  ['that waits for its answer', { destroyed: false, complete: false }, ['broken']],
  ['whose request is whole', { destroyed: true, complete: true }, ['broken']],
  ['that left in the midst of its body', { destroyed: true, complete: false }, []],
])('The log is told of a failure before a client %s: %j', (_client, incoming, expected) => {
  const logged: string[] = []
  const failed = (error: Error) => void logged.push(error.message)
  const answer = answerOfError(new Error('broken'), incoming, { failed })
  expect(answer).toEqual({ status: 500, message: 'The emulator failed; its log says why.' })
  expect(logged).toEqual(expected)
})

test('What is no fault of ours is answered in its words, and not logged', () => {
  const logged: string[] = []
  const failed = (error: Error) => void logged.push(error.message)
  const answer = answerOfError(
    new LabRefusal('absent', 'There is none'),
    { destroyed: false, complete: true },
    { failed },
  )
  expect(answer).toEqual({ status: 404, message: 'There is none' })
  expect(logged).toEqual([])
})
