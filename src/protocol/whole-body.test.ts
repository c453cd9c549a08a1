import { expect, test } from '@jest/globals'
import { authenticationErrors } from './authentication-errors.ts'
import { readWholeBody } from './whole-body.ts'

async function* bodyOf(chunks: readonly string[], end?: Error): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
  if (end) throw end
}

const tooLarge = () => new Error('too large')

test('A body is read whole, up to its limit', async () => {
  expect(String(await readWholeBody(bodyOf([]), 4, tooLarge))).toBe('')
  expect(String(await readWholeBody(bodyOf(['ab', 'cd']), 4, tooLarge))).toBe('abcd')
  await expect(readWholeBody(bodyOf(['ab', 'cde']), 4, tooLarge)).rejects.toThrow('too large')
})

test('A body that breaks off is incomplete; who stops it with an answer is heard', async () => {
  const broken = readWholeBody(bodyOf(['ab'], new Error('aborted')), 4, tooLarge)
  await expect(broken).rejects.toMatchObject({ code: 'IncompleteBody', status: 400 })
  const late = readWholeBody(bodyOf(['ab'], authenticationErrors.RequestTimeout()), 4, tooLarge)
  await expect(late).rejects.toMatchObject({ code: 'RequestTimeout' })
})
