import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodePercent, encodeUri, encodeUriPath, parseQuery } from './uri.ts'

test('AWS encodes everything but letters, digits and -._~', () => {
  expect(encodeUri("a/b !'()*é~")).toBe('a%2Fb%20%21%27%28%29%2A%C3%A9~')
  expect(encodeUriPath('/a//b c/../%')).toBe('/a//b%20c/../%25')
})

test('Decoding undoes encoding, and takes unescaped bytes as they are', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      (text) => {
        expect(decodePercent(encodeUri(text))).toBe(text)
        expect(decodePercent(encodeUriPath(text))).toBe(text)
      },
    ),
  )
  expect(decodePercent(Buffer.from('é+').toString('latin1'))).toBe('é+')
})

test('What is not UTF-8, or an escape cut short, is not decoded', () => {
  for (const text of ['%', '%4', '%zz', '%ff', '%c0%80', '%ed%a0%80', '\xff'])
    expect(decodePercent(text)).toBeUndefined()
  expect(parseQuery('a=%ff')).toBeUndefined()
})

test('A query keeps the order of its pairs, and names without a value', () => {
  expect(parseQuery('')).toEqual([])
  expect(parseQuery('uploads&b=%2B+&a=1=2&&a=')).toEqual([
    ['uploads', ''],
    ['b', '+ '],
    ['a', '1=2'],
    ['a', ''],
  ])
})
