import { expect, test } from '@jest/globals'
import { anonymousCaller, type Caller, userCaller } from '../aws/caller.ts'
import type { Authentication, Credential } from './authentication.ts'
import { refusalOfPage } from './known-key.ts'
import { callOf } from './signing.fixture.ts'

const userOf = (key: string) => userCaller('111122223333', key, key)
const known: Record<string, Credential> = {
  own: { caller: userOf('own'), secretAccessKey: 'secret' },
  test: { caller: userOf('test'), secretAccessKey: 'test', isPublic: true },
  stranger: { caller: userOf('stranger') },
}
const credentials = { find: (accessKeyId: string) => known[accessKeyId] }

function asked(caller: Caller, refusal?: string): string | undefined {
  const authentication: Authentication = {
    caller,
    signature: 'SigV4',
    method: 'AuthHeader',
    region: 'us-east-1',
    payload: { coding: 'unsigned' },
  }
  const foreignPage = refusal === undefined ? undefined : { origin: undefined, refusal }
  return refusalOfPage({ ...callOf('GET', '/'), foreignPage }, authentication, credentials)
}

test('A key whose secret is known and told to nobody proves a page', () => {
  expect(asked(userOf('own'), 'no')).toBeUndefined()
})

test.each([
  ['the key that everybody knows', userOf('test')],
  ['a key taken at its word', userOf('stranger')],
  ['a key that is gone', userOf('gone')],
  ['nobody', anonymousCaller],
])('%s proves nothing', (_, caller) => {
  expect(asked(caller, 'no')).toBe('no')
  expect(asked(caller)).toBeUndefined()
})
