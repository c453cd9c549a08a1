import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { openRootKey } from '../../root-key.ts'
import { Database } from '../../store/database.ts'
import { checkCustomerKey, isCustomerKeyOf, ManagedKeys, newCustomerWrap, sseRoots } from './keyring.ts'

const ambient = new TurnableAmbient()
let databases: Database[] = []
afterEach(async () => {
  for (const database of databases) await database.close()
  databases = []
})

async function opened() {
  const database = await Database.open({})
  databases.push(database)
  const rootKey = await openRootKey(database, ambient)
  return { database, keysOf: (account: string) => new ManagedKeys(database, rootKey, ambient, account) }
}

test('A root is made once for each Region and purpose, and is found again, whatever account the emulator has by then', async () => {
  const { keysOf } = await opened()
  const one = keysOf('1')
  const roots = [
    await one.root('us-east-1', 'SSE-S3'),
    await one.root('us-east-1', 'SSE-C'),
    await one.root('us-east-1', 'DSSE-KMS'),
    await one.root('eu-west-1', 'SSE-S3'),
  ]
  expect(roots.map((root) => root.length)).toEqual([32, 32, 32, 32])
  expect(new Set(roots.map((root) => root.toString('hex'))).size).toBe(4)
  expect(await one.root('us-east-1', 'SSE-S3')).toBe(roots[0])
  expect(await keysOf('1').root('us-east-1', 'SSE-S3')).toEqual(roots[0])
  expect(await keysOf('0').root('us-east-1', 'SSE-S3')).toEqual(roots[0])
  expect(await keysOf('2').root('us-east-1', 'DSSE-KMS')).toEqual(roots[2])
})

test('Who asks for the first root at the same time gets the same', async () => {
  const { keysOf } = await opened()
  const [a, b, c] = await Promise.all(
    [keysOf('1'), keysOf('1'), keysOf('1')].map((keys) => keys.root('us-east-1', 'SSE-S3')),
  )
  expect([b, c]).toEqual([a, a])
})

test('A root of the own account goes before those of others: stores of older versions have both', async () => {
  const { database, keysOf } = await opened()
  const root = await keysOf('2').root('us-east-1', 'SSE-S3')
  const sealed = database.get(sseRoots, ['2', 'us-east-1', 'SSE-S3']) ?? ''
  await database.transact((transaction) => transaction.put(sseRoots, ['1', 'us-east-1', 'SSE-S3'], sealed))
  expect(await keysOf('2').root('us-east-1', 'SSE-S3')).toEqual(root)
  await expect(keysOf('1').root('us-east-1', 'SSE-S3')).rejects.toThrow('The sealed bytes do not authenticate')
})

const customerKeyOf = (key: Buffer) => ({ key, keyMd5: '' })

test('A customer’s key is told from others by its check value, and each wrap has a salt of its own', () => {
  const customerKey = customerKeyOf(randomBytes(32))
  const [wrap, again] = [newCustomerWrap(customerKey, ambient), newCustomerWrap(customerKey, ambient)]
  expect(wrap.fields.salt).not.toBe(again.fields.salt)
  expect(wrap.wrapKey.equals(again.wrapKey)).toBe(false)
  expect(wrap.fields.check).not.toBe(wrap.wrapKey.toString('base64'))
  const record = { scheme: 'SSE-C', sealed: wrap.fields } as const
  expect(isCustomerKeyOf(record, customerKey)).toBe(true)
  expect(isCustomerKeyOf(record, customerKeyOf(randomBytes(32)))).toBe(false)
  expect(isCustomerKeyOf({ scheme: 'SSE-C', sealed: { ...wrap.fields, check: '' } }, customerKey)).toBe(false)
  expect(isCustomerKeyOf({ scheme: 'SSE-C' }, customerKey)).toBe(false)
})

test('A wrong customer’s key is refused as it is used; objects without one ask for none', () => {
  const customerKey = customerKeyOf(randomBytes(32))
  const record = { scheme: 'SSE-C', sealed: newCustomerWrap(customerKey, ambient).fields } as const
  const wrong = customerKeyOf(randomBytes(32))
  const refusal = (use?: 'read' | 'part') => () => checkCustomerKey(record, wrong, use)
  expect(refusal()).toThrow(expect.objectContaining({ code: 'AccessDenied', status: 403 }))
  expect(refusal('read')).toThrow(expect.objectContaining({ code: 'AccessDenied', status: 403 }))
  expect(refusal('part')).toThrow(expect.objectContaining({ code: 'InvalidRequest', status: 400 }))
  expect(() => checkCustomerKey(record, customerKey)).not.toThrow()
  expect(() => checkCustomerKey(record, undefined)).not.toThrow()
  expect(() => checkCustomerKey({ scheme: 'SSE-S3' }, wrong)).not.toThrow()
})
