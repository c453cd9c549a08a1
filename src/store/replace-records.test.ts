import { expect, test } from '@jest/globals'
import { MemoryLevel } from 'memory-level'
import { encodeKey, recordKind } from './keyspace.ts'
import { replaceRecords } from './replace-records.ts'
import { settings } from './settings.ts'
import { nothing } from './state.ts'

const notes = recordKind<number>()('bucket', ['string'])
const note = (name: string) => encodeKey(notes, [name])
const storeId = encodeKey(settings, ['store-id'])
const text = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const

/** The names that stay when the records become nothing. */
async function leftOf(names: readonly string[], stays: (name: string) => boolean): Promise<string[]> {
  const records = new MemoryLevel<string, string>(text)
  await records.batch(names.map((key) => ({ type: 'put', key, value: '1' })))
  await replaceRecords({ records, state: nothing, stays, write: (operations) => records.batch(operations) })
  const left = await records.keys().all()
  return left.filter((name) => names.includes(name))
}

test('What belongs to the store itself stays, whatever state it takes, and what is to stay does', async () => {
  const names = [storeId, note('a'), note('b')]
  expect(await leftOf(names, () => false)).toEqual([storeId])
  expect(await leftOf(names, (name) => name === note('b'))).toEqual(expect.arrayContaining([storeId, note('b')]))
  expect(await leftOf(names, (name) => name === note('b'))).not.toContain(note('a'))
})
