import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Pace } from '../pace.ts'
import { checkFolder } from './check-folder.ts'
import { maskedChecksum } from './masked-checksum.ts'
import { TableCheck } from './table-check.ts'

/* Data folders made by hand: what counts of a LevelDB's files is in its manifest, and what does not count may hold anything. */

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A log of one record, as LevelDB writes it. */
function logOf(content: number[]): Buffer {
  const typed = Buffer.from([1, ...content])
  const head = Buffer.alloc(6)
  head.writeUInt32LE(maskedChecksum(typed), 0)
  head.writeUInt16LE(content.length, 4)
  return Buffer.concat([head, typed])
}

/** Both databases, with these changes in the manifests, and these files beside that of records. */
async function make(manifest: number[], files: Record<string, Buffer>, ofBodies: number[] = []): Promise<void> {
  for (const [database, changes] of [
    ['records', manifest],
    ['bodies', ofBodies],
  ] as const) {
    await mkdir(join(folder, database))
    await writeFile(join(folder, database, 'CURRENT'), 'MANIFEST-000002\n')
    await writeFile(join(folder, database, 'MANIFEST-000002'), logOf([...changes]))
  }
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, 'records', name), bytes)
}

const bent = Buffer.concat([Buffer.alloc(7, 1), logOf([1, 2, 3])])
const firstLog = (number: number) => [2, number]
const earlierLog = (number: number) => [9, number]

test('Logs from the first one on count, and those before are left over', async () => {
  await make(firstLog(5), { '000004.log': bent, '000000.log': bent, 'x5.log': bent, '000005.log.old': bent })
  expect(() => checkFolder(folder)).not.toThrow()
  for (const name of ['000005.log', '000006.log']) {
    await writeFile(join(folder, 'records', name), bent)
    expect(() => checkFolder(folder)).toThrow(`records/${name} has a wrong checksum`)
    await writeFile(join(folder, 'records', name), logOf([1]))
  }
  expect(() => checkFolder(folder)).not.toThrow()
})

test('An earlier log that the manifest names counts too, and no other before the first', async () => {
  await make([...firstLog(5), ...earlierLog(3)], { '000002.log': bent, '000004.log': bent, '000003.log': logOf([1]) })
  expect(() => checkFolder(folder)).not.toThrow()
  await writeFile(join(folder, 'records', '000003.log'), bent)
  expect(() => checkFolder(folder)).toThrow('records/000003.log has a wrong checksum')
})

test('CURRENT names a manifest, in one line, and nothing else', async () => {
  await make(firstLog(5), {})
  for (const current of [
    '',
    'MANIFEST-000002',
    'MANIFEST-\n',
    'xMANIFEST-000002\n',
    'MANIFEST-000002\n\n',
    'MANIFEST-2x\n',
  ]) {
    await writeFile(join(folder, 'records', 'CURRENT'), current)
    expect(() => checkFolder(folder)).toThrow('records/CURRENT does not name a manifest')
  }
})

test('A table that the manifest names and that is not there is named', async () => {
  await make([7, 0, 9, 100, 1, 97, 1, 98], {})
  expect(() => checkFolder(folder)).toThrow('records/000009.ldb')
})

test('A file that is gone before it is looked at is none of a store', async () => {
  await make(firstLog(5), {})
  await symlink(join(folder, 'nowhere'), join(folder, 'records', 'LOG'))
  expect(() => checkFolder(folder)).not.toThrow()
})

/** A table of so many bytes, as a manifest adds it. */
function table(number: number, size: number): number[] {
  const varint: number[] = []
  for (let rest = size; rest >= 128 || varint.length === 0; rest = Math.floor(rest / 128))
    varint.push((rest % 128) | 128)
  const last = Math.floor(size / 128 ** varint.length)
  return [7, 0, number, ...varint, last, 1, 97, 1, 98]
}

test('Of bodies 256 MiB are looked at in the background, and not a table more', async () => {
  const mebibyte = 2 ** 20
  const tables: [number, number][] = [
    [7, 200 * mebibyte],
    [8, 56 * mebibyte],
    [9, mebibyte],
  ]
  await make(
    [],
    {},
    tables.flatMap(([number, size]) => table(number, size)),
  )
  for (const [number, size] of tables) {
    const path = join(folder, 'bodies', `00000${number}.ldb`)
    await writeFile(path, '')
    await truncate(path, size)
  }
  const check = new TableCheck(folder)
  const pace = new Pace(() => 0)
  for (let round = 0; round < 4; round++) await check.run(pace)
  expect(check.damage).toContain('bodies/000007.ldb')
  expect(check.damage).toContain('bodies/000008.ldb')
  expect(check.damage).not.toContain('bodies/000009.ldb')
})

test('What is no damage but a failure of the disk is thrown', async () => {
  await make([], {}, table(7, 4096))
  await mkdir(join(folder, 'bodies', '000007.ldb'))
  const check = new TableCheck(folder)
  await expect(check.run(new Pace(() => 0))).rejects.toThrow('EISDIR')
  expect(check.damage).toBeUndefined()
})
