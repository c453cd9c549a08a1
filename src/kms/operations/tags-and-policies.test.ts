import { expect, test } from '@jest/globals'
import { accountId, openKms, refusal } from '../kms.fixture.ts'

const tag = (TagKey: string, TagValue = '') => ({ TagKey, TagValue })

test('tags are set, replaced, taken away and listed page by page', async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey({ Tags: [tag('a', '1')] })
  await call('TagResource', { KeyId: id, Tags: [tag('a', '2'), tag('b'), tag('c')] })
  await call('UntagResource', { KeyId: id, TagKeys: ['b', 'unknown'] })
  const first = await call('ListResourceTags', { KeyId: id, Limit: 1 })
  expect(first).toMatchObject({ Tags: [tag('a', '2')], Truncated: true })
  const second = await call('ListResourceTags', { KeyId: id, Marker: first.NextMarker })
  expect(second).toEqual({ Tags: [tag('c')], Truncated: false })
})

test.each([
  [[tag('a'), tag('a')], 'TagException: Duplicate tag keys'],
  [[tag('AWS:a')], 'TagException: Tags beginning with aws: are reserved'],
  [Array.from({ length: 51 }, (_, index) => tag(`${index}`)), 'TagException: Too many tags'],
  [
    [tag('a'.repeat(129))],
    `ValidationException: 1 validation error detected: Value '${'a'.repeat(129)}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128`,
  ],
])('TagResource refuses what AWS refuses (%#)', async (Tags, words) => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  expect(await refusal(call('TagResource', { KeyId: id, Tags }))).toBe(words)
})

test("a key's first policy lets its account decide, and another can be put", async () => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  const { Policy, PolicyName } = await call('GetKeyPolicy', { KeyId: id })
  expect(PolicyName).toBe('default')
  expect(JSON.parse(String(Policy)).Statement[0].Principal).toEqual({ AWS: `arn:aws:iam::${accountId}:root` })
  const other = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}'
  await call('PutKeyPolicy', { KeyId: id, PolicyName: 'default', Policy: other })
  expect(await call('GetKeyPolicy', { KeyId: id })).toMatchObject({ Policy: other })
  expect(await call('ListKeyPolicies', { KeyId: id })).toEqual({ PolicyNames: ['default'], Truncated: false })
  expect(await refusal(call('GetKeyPolicy', { KeyId: id, PolicyName: 'other' }))).toContain('NotFoundException')
})

test.each([
  'text',
  '[]',
  '{}',
  '{"Version":"2020-01-01","Statement":[]}',
  '{"Statement":[{"Effect":"Maybe","Principal":"*","Action":"*","Resource":"*"}]}',
  '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
])('PutKeyPolicy refuses %s', async (Policy) => {
  const { call, createKey } = await openKms()
  const { id } = await createKey()
  expect(await refusal(call('PutKeyPolicy', { KeyId: id, Policy }))).toContain('MalformedPolicyDocumentException')
})
