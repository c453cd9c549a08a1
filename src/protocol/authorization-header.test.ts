import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readAuthorization } from './authorization-header.ts'

/** What is between commas, cut at its first `=`; what has no name before it is no field. */
function fieldsOf(text: string): [name: string, value: string][] {
  return text.split(',').flatMap((field) => {
    const mark = field.indexOf('=')
    return mark <= 0 ? [] : [[field.slice(0, mark).trim(), field.slice(mark + 1).trim()]]
  })
}

test('Of any header, fields are what stands between commas, and the first of a name that is not empty wins', () => {
  const piece = fc.constantFrom(
    ',',
    '=',
    ' ',
    'a',
    'Credential',
    'SignedHeaders',
    'Signature',
    'Signature=b',
    ',=',
    '==',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const fields = fieldsOf(` ${pieces.join('')}`)
      const firstOf = (name: string) => fields.find(([own, value]) => own === name && value !== '')?.[1] ?? ''
      expect(readAuthorization(`AWS4-HMAC-SHA256 ${pieces.join('')}`)).toEqual({
        algorithm: 'AWS4-HMAC-SHA256',
        credential: firstOf('Credential'),
        signedHeaders: firstOf('SignedHeaders'),
        signature: firstOf('Signature'),
        count: fields.length,
      })
    }),
    { numRuns: 1000 },
  )
})

test('A header without a space is an algorithm alone', () => {
  expect(readAuthorization('AWS4-HMAC-SHA256,Credential=a')).toEqual({
    algorithm: 'AWS4-HMAC-SHA256,Credential=a',
    credential: '',
    signedHeaders: '',
    signature: '',
    count: 0,
  })
})
