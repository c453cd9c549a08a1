import { expect, test } from '@jest/globals'
import { AwsError } from '../aws/errors.ts'
import { type FaultWords, readQueryInput } from './query-input.ts'
import { boolean, integer, list, required, string, structure } from './shapes.ts'

const Input = structure({
  Name: required(string({ min: 1, max: 4, pattern: '^[a-z]+$' })),
  MaxItems: integer({ min: 1, max: 1000 }),
  All: boolean(),
  Tags: list(structure({ Key: required(string({ max: 3 })), Value: required(string()) }), { max: 2 }),
  TagKeys: list(string({ min: 1, max: 3, pattern: '^[a-z]+$' })),
})

const read = (form: string, words: FaultWords = { showsValues: false }) => {
  try {
    return readQueryInput(Input, new Map(new URLSearchParams(form)), words)
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`
    throw error
  }
}

test('names of parameters are paths: members, items by their numbers, numbers and truth values', () => {
  const form =
    'Name=a&MaxItems=10&All=true&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value='
  const Tags = [
    { Key: 'a', Value: '' },
    { Key: 'b', Value: '2' },
  ]
  expect(read(form)).toEqual({ Name: 'a', MaxItems: 10, All: true, Tags })
  expect(read('Name=a&Tags=')).toEqual({ Name: 'a', Tags: [] })
  expect(read('Name=a&Action=X&Unknown.member.1=y')).toEqual({ Name: 'a' })
  expect(read('Name=a&__proto__.polluted=y&TagKeys.member.__proto__=z')).toEqual({ Name: 'a', TagKeys: [] })
})

test('faults are told as IAM tells them: all at once, and without the values', () => {
  const at = (member: string, words: string) => `Value at '${member}' failed to satisfy constraint: ${words}`
  expect(read('')).toBe(`ValidationError: 1 validation error detected: ${at('name', 'Member must not be null')}`)
  expect(read('Name=abcde&Tags.member.1.Key=abcd&Tags.member.1.Value=')).toBe(
    `ValidationError: 2 validation errors detected: ${at('name', 'Member must have length less than or equal to 4')}; ${at('tags.1.member.key', 'Member must have length less than or equal to 3')}`,
  )
  const rules = [
    'Member must have length less than or equal to 3',
    'Member must have length greater than or equal to 1',
    'Member must satisfy regular expression pattern: [a-z]+',
    'Member must not be null',
  ]
  expect(read('Name=a&TagKeys.member.1=A&TagKeys.member.2=abcd')).toBe(
    `ValidationError: 1 validation error detected: ${at('tagKeys', `Member must satisfy constraint: [${rules.join(', ')}]`)}`,
  )
})

test('other services show the values, and some texts have a sentence of their own', () => {
  expect(read('Name=A', { showsValues: true })).toBe(
    "ValidationError: 1 validation error detected: Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
  )
  const sentenceOf = (member: string) => (member === 'name' ? 'No such name.' : undefined)
  expect(read('Name=A&MaxItems=0', { showsValues: false, sentenceOf })).toBe('ValidationError: No such name.')
})
