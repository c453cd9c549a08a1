import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openBlobs } from '../blobs.ts'
import { Database } from '../database.ts'
import { recordKind } from '../keyspace.ts'
import { checkFolder } from './check-folder.ts'
import { asStoreError, StoreLocked, StoreNotOpened } from './open-errors.ts'
import { StoreDamaged } from './store-damaged.ts'

/* A store as `kill -9` leaves it: tables of earlier runs, and a log of the last. Each test damages a copy of it. */

const objects = recordKind<string>()('object', ['string', 'string', 'integer'])

let made: string
let folder: string
/** Bytes of the last commit in the log of records, at its end. */
const lastCommit = 'the last one'

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'whole-'))
  const running = join(made, 'running')
  for (const run of [1, 2, 3]) {
    const database = await Database.open({ folder: running })
    await database.transact((transaction) => {
      for (let index = 0; index < 2000; index++)
        transaction.put(objects, ['bucket', `key/${run}/${index}`, 1], `${run}`.repeat(40))
    })
    const blobs = await openBlobs(database)
    for (let body = 0; body < 3; body++) {
      const blob = await blobs.write(bytesOf(body === 0 ? 300_000 : 1000))
      await database.transact((transaction) => blobs.keep(transaction, blob))
    }
    await database.transact((transaction) => transaction.put(objects, ['bucket', 'last', run], lastCommit))
    if (run === 3) await cp(running, join(made, 'killed'), { recursive: true })
    await database.close()
  }
})
afterAll(() => rm(made, { recursive: true }))

beforeEach(async () => {
  folder = await mkdtemp(join(made, 'copy-'))
  await cp(join(made, 'killed'), folder, { recursive: true })
})

async function* bytesOf(size: number): AsyncGenerator<Uint8Array> {
  yield randomBytes(size)
}

async function filesOf(ending: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith(ending))
}

/** The only file of the store's records with this ending, that has bytes. */
async function fileOf(ending: string): Promise<string> {
  for (const name of await filesOf(ending)) {
    if (name.startsWith('records') && (await stat(join(folder, name))).size > 0) return name
  }
  throw new Error(`No ${ending}`)
}

async function withFlipped(name: string, at: number, bit: number, action: () => Promise<void>): Promise<void> {
  const path = join(folder, name)
  const bytes = await readFile(path)
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ (1 << bit)
  await writeFile(path, changed)
  await action()
  await writeFile(path, bytes)
}

test('a store that was killed is whole, and so is none', async () => {
  checkFolder(folder)
  checkFolder(join(folder, 'nothing here'))
})

test('a flipped bit in any table is named, wherever it is', async () => {
  const tables = await filesOf('.ldb')
  expect(tables.map((name) => name.split('/')[0])).toEqual(expect.arrayContaining(['records', 'bodies']))
  for (const name of tables) {
    const { size } = await stat(join(folder, name))
    // The footer has 40 bytes for two places, of which the last are not used.
    const places = [
      0,
      1,
      size - 1,
      size - 47,
      ...Array.from({ length: 60 }, (_, index) => Math.floor((index * (size - 60)) / 60)),
    ]
    for (const [index, at] of places.entries()) {
      await withFlipped(name, at, index % 8, async () => {
        expect(() => checkFolder(folder)).toThrow(`The data folder ${folder} is damaged: ${name} `)
        expect(() => checkFolder(folder)).toThrow(StoreDamaged)
      })
    }
  }
})

test('a flipped bit in a log is named, in all but its last commit', async () => {
  for (const name of [await fileOf('.log'), (await filesOf('.log')).find((file) => file.startsWith('bodies')) ?? '']) {
    const bytes = await readFile(join(folder, name))
    const end = name.startsWith('records') ? bytes.lastIndexOf(lastCommit) - 60 : bytes.length - 1100
    const places = [
      ...Array.from({ length: 20 }, (_, at) => at),
      ...Array.from({ length: 60 }, (_, index) => Math.floor((index * end) / 60)),
    ]
    for (const [index, at] of places.entries()) {
      await withFlipped(name, at, index % 8, async () => {
        const damage = `The data folder ${folder} is damaged: ${name} has a wrong checksum at byte `
        expect(() => checkFolder(folder)).toThrow(damage)
      })
    }
  }
})

test('a flipped bit in the bytes of the last commit is named too', async () => {
  const name = await fileOf('.log')
  const at = (await readFile(join(folder, name))).lastIndexOf(lastCommit)
  await withFlipped(name, at, 3, async () => {
    expect(() => checkFolder(folder)).toThrow(`${name} has a wrong checksum`)
  })
})

test('a length that runs past the end of the log is no torn end when commits follow it', async () => {
  const name = await fileOf('.log')
  const path = join(folder, name)
  const whole = await readFile(path)
  // The last record but one: its length is 2 bytes behind its checksum, and the last begins where it ends.
  const small = await Database.open({ folder: join(folder, 'small') })
  for (const key of ['one', 'two'])
    await small.transact((transaction) => transaction.put(objects, ['bucket', key, 1], key))
  const log = (await readdir(join(folder, 'small', 'records'))).find((file) => file.endsWith('.log')) ?? ''
  const bytes = await readFile(join(folder, 'small', 'records', log))
  await small.close()
  const changed = Buffer.from(bytes)
  changed[5] = (changed[5] ?? 0) ^ 64
  await writeFile(path, changed)
  expect(() => checkFolder(folder)).toThrow(`${name} has a wrong checksum at byte 0 of ${bytes.length}`)
  await writeFile(path, Buffer.concat([whole.fill(0, 32_768, 65_536), Buffer.alloc(600)]))
  expect(() => checkFolder(folder)).toThrow(`${name} has a wrong checksum at byte `)
})

test('a log that breaks off anywhere is one that was killed, also with zeros behind', async () => {
  const name = await fileOf('.log')
  const whole = await readFile(join(folder, name))
  for (let cut = 0; cut < 120; cut++) {
    const length = cut < 80 ? whole.length - cut : Math.floor((whole.length * (cut - 80)) / 40)
    await writeFile(join(folder, name), whole.subarray(0, length))
    checkFolder(folder)
  }
  await writeFile(join(folder, name), Buffer.concat([whole, Buffer.alloc(5000)]))
  checkFolder(folder)
  await writeFile(join(folder, name), Buffer.concat([whole.subarray(0, -4), Buffer.alloc(600)]))
  checkFolder(folder)
})

test.each(['records', 'bodies'])('%s without CURRENT are no place for a new store', async (database) => {
  await rm(join(folder, database, 'CURRENT'))
  const files = await readdir(join(folder, database))
  const words = `${folder} is damaged: ${database}/CURRENT is missing, beside files of a store. Nothing was changed: put a copy`
  await expect(Database.open({ folder })).rejects.toThrow(words)
  expect(await readdir(join(folder, database))).toEqual(files)
})

test.each(['records', 'bodies'])('a store whose %s are gone is not made anew', async (database) => {
  await rm(join(folder, database), { recursive: true })
  await expect(Database.open({ folder })).rejects.toThrow(`${database}/CURRENT is missing`)
  expect(await readdir(folder)).not.toContain(database)
})

test('a first start that was cut off is begun again', async () => {
  const first = join(folder, 'first')
  await mkdir(join(first, 'bodies'), { recursive: true })
  await writeFile(join(first, 'bodies', 'MANIFEST-000001'), '')
  // What only looks like a table keeps nobody from making a store.
  await writeFile(join(first, 'bodies', '000003.log.copy'), '')
  await (await Database.open({ folder: first })).close()
  await rm(join(first, 'records'), { recursive: true })
  await (await Database.open({ folder: first })).close()
})

describe('a file that is missing or cut is named', () => {
  test.each([
    ['a table', '.ldb', 'is missing'],
    ['the manifest', 'MANIFEST', 'is missing'],
  ])('%s', async (_, part, words) => {
    const name = (await readdir(join(folder, 'records'))).find((file) => file.includes(part)) ?? ''
    await rm(join(folder, 'records', name))
    await expect(Database.open({ folder })).rejects.toThrow(`records/${name} ${words}`)
  })

  test('a table that is shorter than the manifest says', async () => {
    const name = await fileOf('.ldb')
    const { size } = await stat(join(folder, name))
    await truncate(join(folder, name), size - 1)
    expect(() => checkFolder(folder)).toThrow(`${name} has ${size - 1} bytes in place of ${size}`)
  })

  test('CURRENT that names nothing', async () => {
    await writeFile(join(folder, 'records', 'CURRENT'), '')
    await expect(Database.open({ folder })).rejects.toThrow('records/CURRENT does not name a manifest')
  })
})

describe.each(['a folder', 'a pipe'])('%s in the place of a file is named, and not waited for', (kind) => {
  const put = (path: string) => (kind === 'a folder' ? mkdir(path) : execFileSync('mkfifo', [path]))
  const onPosix = process.platform === 'win32' && kind === 'a pipe' ? test.skip : test

  onPosix.each(['CURRENT', 'MANIFEST', '.ldb', '999999.log'])('%s', async (part) => {
    const name = (await readdir(join(folder, 'records'))).find((file) => file.includes(part)) ?? part
    await rm(join(folder, 'records', name), { force: true })
    await put(join(folder, 'records', name))
    expect(() => checkFolder(folder)).toThrow(`The data folder ${folder} is damaged: records/${name} is no file.`)
  })
})

test('what another process writes to is in use, not damaged', async () => {
  const owner = await Database.open({ folder })
  const name = await fileOf('.ldb')
  const bytes = await readFile(join(folder, name))
  await writeFile(join(folder, name), bytes.fill(0, 0, 100))
  expect(() => checkFolder(folder)).toThrow(StoreDamaged)
  await expect(Database.open({ folder })).rejects.toThrow(StoreLocked)
  await owner.close()
  await expect(Database.open({ folder })).rejects.toThrow(StoreDamaged)
})

test('a folder that cannot be made is named with the cause', async () => {
  const path = join(folder, 'records', 'CURRENT', 'data')
  await expect(Database.open({ folder: path })).rejects.toThrow(StoreNotOpened)
  await expect(Database.open({ folder: path })).rejects.toThrow(`The data folder ${path} cannot be opened: ENOTDIR`)
})

test.each([
  ['IO error: /data/LOCK: Permission denied', 'EACCES, no permission to read and write it'],
  ['IO error: /data/LOCK: Read-only file system', 'EROFS, its file system is read-only'],
  ['IO error: /data/MANIFEST-000002: No space left on device', 'ENOSPC, its disk is full'],
])('LevelDB’s words “%s” are told by name', (words, reason) => {
  const error = new Error('Database failed to open', { cause: new Error(words) })
  expect(asStoreError('/data', error)).toEqual(new StoreNotOpened('/data', `${reason} (${words})`))
})
