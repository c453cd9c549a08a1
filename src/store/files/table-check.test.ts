import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { segmentsOf } from '../blobs.fixture.ts'
import { openBlobs } from '../blobs.ts'
import { Database } from '../database.ts'
import { recordKind } from '../keyspace.ts'
import { Pace } from '../pace.ts'
import { TableCheck } from './table-check.ts'

/* A store at work whose last run left tables. What is damaged here is damaged after the look at its start, as if it had not been seen. */

const objects = recordKind<string>()('object', ['string', 'string', 'integer'])

let folder: string
let database: Database
let pace: Pace

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tables-'))
  pace = new Pace(() => 0)
  database = await Database.open({ folder })
  await database.transact((transaction) => {
    for (let index = 0; index < 2000; index++)
      transaction.put(objects, ['bucket', `key/${index}`, 1], `${index}`.repeat(20))
  })
  const blobs = await openBlobs(database)
  const blob = await blobs.write(segmentsOf('text'.repeat(200_000)))
  await database.transact((transaction) => blobs.keep(transaction, blob))
  await blobs.close()
  await database.close()
  // What the log holds becomes tables.
  database = await Database.open({ folder })
})

afterEach(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

async function tableOf(part: string): Promise<string> {
  const names = await readdir(join(folder, part))
  return join(part, names.find((name) => name.endsWith('.ldb')) ?? '')
}

async function flip(name: string, at: number): Promise<void> {
  const bytes = await readFile(join(folder, name))
  bytes[at] = (bytes[at] ?? 0) ^ 8
  await writeFile(join(folder, name), bytes)
}

test('tables that are whole are passed over in silence', async () => {
  const check = new TableCheck(folder)
  await check.run(pace)
  expect(check.damage).toBeUndefined()
})

test('a damaged block is named with its file, of records and of bodies, and told once for all rounds', async () => {
  const [records, bodies] = [await tableOf('records'), await tableOf('bodies')]
  await flip(records, 100)
  await flip(bodies, 200_000)
  const check = new TableCheck(folder)
  await check.run(pace)
  const words = new RegExp(
    `^The data folder ${folder} is damaged: ${records} has a wrong checksum in the block at byte \\d+; ${bodies} has .* What it held may be missing: stop, and put a copy of the folder in its place$`,
  )
  expect(check.damage).toMatch(words)
  await check.run(pace)
  expect(check.damage).toMatch(words)
})

test('a damaged index is named too', async () => {
  const name = await tableOf('records')
  await flip(name, (await stat(join(folder, name))).size - 60)
  const check = new TableCheck(folder)
  await check.run(pace)
  expect(check.damage).toContain(`damaged: ${name} has `)
})

test('a table that LevelDB merged meanwhile is none of its business, and who ends early goes on later', async () => {
  const check = new TableCheck(folder)
  const ended = new Pace(() => 0)
  ended.end()
  await check.run(ended)
  await flip(await tableOf('bodies'), 200_000)
  await rm(join(folder, await tableOf('records')))
  await check.run(pace)
  expect(check.damage).toMatch(/damaged: bodies\/\d+\.ldb has a wrong checksum/)
})
