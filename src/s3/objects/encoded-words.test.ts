import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeWords, encodeWord } from './encoded-words.ts'

test.each([
  ['plain text', 'plain text'],
  ['=?UTF-8?B?w4TDlg==?=', 'ÄÖ'],
  ['=?utf-8?q?caf=C3=A9_3?=', 'café 3'],
  ['=?ISO-8859-1?Q?caf=E9?=', 'café'],
  ['=?UTF-8?Q?a?= =?UTF-8?B?Yg==?=', 'ab'],
  ['before =?UTF-8?Q?=C3=A9?= behind', 'before é behind'],
  ['=?klingon?Q?a?=', '=?klingon?Q?a?='],
  ['=?UTF-8?Q?=FF?=', '=?UTF-8?Q?=FF?='],
  ['=?UTF-8?X?a?=', '=?UTF-8?X?a?='],
  ['=?unfinished', '=?unfinished'],
])('%s is read as %s', (text, decoded) => {
  expect(decodeWords(text)).toBe(decoded)
})

test.each([
  ['plain = text_?', 'plain = text_?'],
  ['café 3', '=?UTF-8?Q?caf=C3=A9_3?='],
  ['é_=?ab', '=?UTF-8?Q?=C3=A9=5F=3D=3Fab?='],
  ['ÄÖ', '=?UTF-8?B?w4TDlg==?='],
  ['aÄ', '=?UTF-8?B?YcOE?='],
])('%s is written as %s', (text, encoded) => {
  expect(encodeWord(text)).toBe(encoded)
})

test('What is written beyond ASCII is read back', () => {
  const texts = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => /[^\x20-\x7e\t]/.test(text))
  fc.assert(fc.property(texts, (text) => expect(decodeWords(encodeWord(text))).toBe(text)))
})

test('A long text is read in time that grows with it', () => {
  const text = '=?a?Q?'.repeat(20_000)
  expect(decodeWords(text)).toBe(text)
})
