import { setImmediate as endOfTurn } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Database } from './database.ts'
import { recordKind } from './keyspace.ts'

const texts = recordKind<string>()('object', ['integer'])

/** How many turns of the event loop others have while a walk is under way over records in memory. */
async function turnsDuringWalk(records: number, length: number): Promise<number> {
  const database = await Database.open({})
  await database.transact((transaction) => {
    for (let index = 0; index < records; index++) transaction.put(texts, [index], 'x'.repeat(length))
  })
  let isOver = false
  const walk = (async () => {
    for await (const _ of database.entries(texts));
    isOver = true
  })()
  let turns = 0
  for (; !isOver; turns++) await endOfTurn()
  await walk
  await database.close()
  return turns
}

test.each([
  ['many records', 10_000, 10, 30],
  ['few long ones', 80, 60_000, 30],
])('Others have their turn during a walk over %s in memory', async (_, records, length, least) => {
  expect(await turnsDuringWalk(records, length)).toBeGreaterThan(least)
})
