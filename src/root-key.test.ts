import { expect, test } from '@jest/globals'
import { TurnableAmbient } from './ambient.ts'
import { NotAuthentic } from './crypto/aead.ts'
import { openRootKey, WrongRootKey } from './root-key.ts'
import { Database } from './store/database.ts'
import { recordKind } from './store/keyspace.ts'

const records = recordKind<string>()('rootKey', ['string'])
const ambient = new TurnableAmbient()
const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

async function contentsOf(database: Database): Promise<string> {
  return JSON.stringify([database.get(records, ['check']), database.get(records, ['own'])])
}

test('a store without a given key makes its own and keeps it', async () => {
  const database = await Database.open({})
  const sealed = (await openRootKey(database, ambient)).seal('a secret', Buffer.from('text'))
  expect((await openRootKey(database, ambient)).open('a secret', sealed).toString()).toBe('text')
})

test('a given key is not kept in the store', async () => {
  const database = await Database.open({})
  const sealed = (await openRootKey(database, ambient, one)).seal('a secret', Buffer.from('text'))
  expect(await contentsOf(database)).not.toContain(one.toString('base64'))
  expect((await openRootKey(database, ambient, one)).open('a secret', sealed).toString()).toBe('text')
})

test('another key than the first is refused and nothing is touched', async () => {
  const database = await Database.open({})
  await openRootKey(database, ambient, one)
  const before = await contentsOf(database)
  await expect(openRootKey(database, ambient, other)).rejects.toThrow(WrongRootKey)
  await expect(openRootKey(database, ambient)).rejects.toThrow('start with the same one')
  expect(await contentsOf(database)).toBe(before)
})

test('a store with its own key refuses another', async () => {
  const database = await Database.open({})
  await openRootKey(database, ambient)
  await expect(openRootKey(database, ambient, one)).rejects.toThrow('start without one')
})

test('what was sealed for one purpose does not open for another, nor when a bit changed', async () => {
  const rootKey = await openRootKey(await Database.open({}), ambient)
  const sealed = rootKey.seal('one', Buffer.from('text'))
  expect(() => rootKey.open('two', sealed)).toThrow(NotAuthentic)
  const changed = Buffer.from(sealed, 'base64')
  changed[40] = (changed[40] ?? 0) ^ 1
  expect(() => rootKey.open('one', changed.toString('base64'))).toThrow(NotAuthentic)
})

test('the root key outlives a clearing of the store', async () => {
  const database = await Database.open({})
  const rootKey = await openRootKey(database, ambient)
  const cleared = await database.clear()
  const sealed = rootKey.seal('one', Buffer.from('text'))
  expect((await openRootKey(cleared, ambient)).open('one', sealed).toString()).toBe('text')
})
