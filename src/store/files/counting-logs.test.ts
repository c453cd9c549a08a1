import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { checkFolder } from './check-folder.ts'
import { maskedChecksum } from './masked-checksum.ts'

/* Data folders made by hand: which logs of LevelDB count is in its manifest, and a log that does not count may hold anything. */

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

/** Both databases, with these changes in the manifest of records and these files beside it. */
async function make(manifest: number[], files: Record<string, Buffer>): Promise<void> {
  for (const [database, changes] of [
    ['records', manifest],
    ['bodies', []],
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
