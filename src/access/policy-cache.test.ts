import { expect, test } from '@jest/globals'
import { PolicyCache } from './policy-cache.ts'

const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const documentOf = (more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, ...more } })

test('A policy is parsed once for its text and its kind', () => {
  const cache = new PolicyCache()
  const document = documentOf()
  const parsed = cache.attach('own', document, 'identity')
  expect(parsed.policy.statements).toHaveLength(1)
  expect(cache.attach('own', document, 'identity')).toBe(parsed)
  expect(cache.attach('own', documentOf({ Sid: 'a' }), 'identity')).not.toBe(parsed)
  // On a key it would have to name somebody: it is none there.
  expect(cache.attach('own', document, 'resource').policy).toEqual({ version: '2012-10-17', statements: [] })
})

test('A policy that is attached by two names is parsed once, and known by both', () => {
  const cache = new PolicyCache()
  const [one, two] = ['one', 'two'].map((name) => cache.attach(name, documentOf(), 'identity'))
  expect(one?.policy).toBe(two?.policy)
  expect([one?.name, two?.name]).toEqual(['one', 'two'])
  expect(cache.attach('one', documentOf(), 'identity')).toBe(one)
  expect(cache.attach('two', documentOf(), 'identity')).toBe(two)
})

test('What is no policy has no statements', () => {
  for (const text of ['', '{', '{}']) {
    expect(new PolicyCache().attach('own', text, 'identity')).toEqual({
      name: 'own',
      policy: { version: '2012-10-17', statements: [] },
    })
  }
})

test('A thousand policies of a kind are kept, the oldest goes first', () => {
  const cache = new PolicyCache()
  const parse = (index: number) => cache.attach('own', documentOf({ Sid: `s${index}` }), 'identity')
  const [first, second] = [parse(0), parse(1)]
  for (let index = 2; index < 1000; index++) parse(index)
  expect([parse(0) === first, parse(1) === second]).toEqual([true, true])
  parse(1000)
  expect(parse(1)).toBe(second)
  expect(parse(0)).not.toBe(first)
})
