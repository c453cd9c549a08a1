import { expect, test } from '@jest/globals'
import { decodeToken, encodeToken } from './tokens.ts'

test('A token gives back the text that it was made of', () => {
  for (const text of ['', 'a key', '§ é 💩']) expect(decodeToken(encodeToken(text))).toBe(text)
})

test('A token to which something was added or of which something is missing is none', () => {
  const token = encodeToken('a key')
  for (const other of [`${token}x`, `${token}=`, `${token} `, ` ${token}`, token.slice(0, -1), `${token}\n`, '']) {
    expect(decodeToken(other)).toBeUndefined()
  }
})
