import { expect, test } from '@jest/globals'
import { remembering } from './remembered.ts'

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
