import { expect, test } from '@jest/globals'
import { PolicyCache } from './policy-cache.ts'

const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const documentOf = (more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, ...more } })

test('A policy is parsed once for its text and its kind', () => {
  const cache = new PolicyCache()
  const document = documentOf()
  const parsed = cache.parse(document, 'identity')
  expect(parsed.policy.statements).toHaveLength(1)
  expect(cache.parse(document, 'identity')).toBe(parsed)
  expect(cache.parse(documentOf({ Sid: 'a' }), 'identity')).not.toBe(parsed)
  // On a key it would have to name somebody: it is none there.
  expect(cache.parse(document, 'resource').policy).toEqual({ version: '2012-10-17', statements: [] })
})

test('Whether a policy asks for aliases is known before it is weighed', () => {
  const cache = new PolicyCache()
  const asks = (Condition?: object) => cache.parse(documentOf({ Condition }), 'identity').asksForAliases
  const wanted = 'alias/a'
  expect(asks({ StringEquals: { 'kms:ResourceAliases': wanted } })).toBe(true)
  expect(asks({ StringEquals: { 'aws:username': 'a', 'KMS:resourcealiases': wanted } })).toBe(true)
  expect(asks({ StringEquals: { 'kms:RequestAlias': wanted } })).toBe(false)
  expect(asks({ StringEquals: { 'xkms:ResourceAliases': wanted, 'kms:ResourceAliasesx': wanted } })).toBe(false)
  expect(asks()).toBe(false)
  const several = {
    Version: '2012-10-17',
    Statement: [statement, { ...statement, Condition: { Null: { 'kms:ResourceAliases': 'true' } } }],
  }
  expect(cache.parse(JSON.stringify(several), 'identity').asksForAliases).toBe(true)
})

test('What is no policy has no statements', () => {
  for (const text of ['', '{', '{}']) {
    expect(new PolicyCache().parse(text, 'identity')).toEqual({
      policy: { version: '2012-10-17', statements: [] },
      asksForAliases: false,
    })
  }
})

test('A thousand policies of a kind are kept, the oldest goes first', () => {
  const cache = new PolicyCache()
  const parse = (index: number) => cache.parse(documentOf({ Sid: `s${index}` }), 'identity')
  const [first, second] = [parse(0), parse(1)]
  for (let index = 2; index < 1000; index++) parse(index)
  expect([parse(0) === first, parse(1) === second]).toEqual([true, true])
  parse(1000)
  expect(parse(1)).toBe(second)
  expect(parse(0)).not.toBe(first)
})
