import { expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { openRootKey } from '../../root-key.ts'
import { Database } from '../../store/database.ts'
import { makeGrantToken, readGrantToken } from './grant-tokens.ts'

test('A token says where its grant is, is another text each time, and nobody can make one', async () => {
  const database = await Database.open({})
  const rootKey = await openRootKey(database, new TurnableAmbient())
  const address = { region: 'us-east-1', keyId: 'k', grantId: 'g' }
  const [token, again] = [makeGrantToken(rootKey, address), makeGrantToken(rootKey, address)]
  expect(token).not.toBe(again)
  expect([readGrantToken(rootKey, token), readGrantToken(rootKey, again)]).toEqual([address, address])
  const changed = Buffer.from(token, 'base64')
  changed[40] = (changed[40] ?? 0) ^ 1
  const sealed = (text: string, purpose = 'kms grant token') => rootKey.seal(purpose, Buffer.from(text))
  const others = [
    '',
    'AAAA',
    `${token} `,
    token.slice(4),
    changed.toString('base64'),
    sealed(JSON.stringify(['us-east-1', 'k', 'g']), 'something else'),
    sealed('no JSON'),
    sealed('["us-east-1","k"]'),
    sealed('["us-east-1","","g"]'),
    sealed('["","k","g"]'),
  ]
  for (const other of others) expect(readGrantToken(rootKey, other)).toBeUndefined()
  await database.close()
})
