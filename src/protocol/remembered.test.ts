import { expect, test } from '@jest/globals'
import { remembering, rememberingLast } from './remembered.ts'

test('What was derived is not derived again until too much else was, and what throws always is', () => {
  const asked: string[] = []
  const remembered = remembering<string>(2)
  const upper = (text: string) =>
    remembered(text, () => {
      asked.push(text)
      if (text === 'bad') throw new Error('bad')
      return text.toUpperCase()
    })
  expect([upper('a'), upper('b'), upper('a')]).toEqual(['A', 'B', 'A'])
  expect(() => upper('bad')).toThrow('bad')
  expect(() => upper('bad')).toThrow('bad')
  expect([upper('c'), upper('a')]).toEqual(['C', 'A'])
  expect(asked).toEqual(['a', 'b', 'bad', 'bad', 'c', 'a'])
})

test('A long text is not kept', () => {
  let derived = 0
  const remembered = remembering<number>(2)
  const lengthOf = (text: string) => remembered(text, () => ++derived && text.length)
  for (const length of [1024, 1025]) expect(lengthOf('x'.repeat(length))).toBe(length)
  for (const length of [1024, 1025]) expect(lengthOf('x'.repeat(length))).toBe(length)
  expect(derived).toBe(3)
})

test('Of what is asked about one request in turn only the last is remembered', () => {
  const asked: string[] = []
  const remembered = rememberingLast<string>()
  const upper = (text: string) =>
    remembered(text, () => {
      asked.push(text)
      return text.toUpperCase()
    })
  expect([upper('a'), upper('a'), upper('b'), upper('a')]).toEqual(['A', 'A', 'B', 'A'])
  expect(asked).toEqual(['a', 'b', 'a'])
})
