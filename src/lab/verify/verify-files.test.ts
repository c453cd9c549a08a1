import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { keyAliasRecords } from '../../kms/keys/key-store.ts'
import { Database } from '../../store/database.ts'
import { Report } from './report.ts'
import { verifyFiles } from './verify-files.ts'

async function faultsIn(folder: string | undefined) {
  const report = new Report({})
  await verifyFiles(folder, report)
  return report.verification().faults
}

test('A flipped bit in a table of records is told with its file, while the store is open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-files-'))
  const first = await Database.open({ folder })
  await first.transact((transaction) => {
    for (let number = 0; number < 2000; number++) transaction.put(keyAliasRecords, ['region', 'key', `${number}`], 0)
  })
  await first.close()
  // What the log holds becomes tables.
  const database = await Database.open({ folder })
  expect(await faultsIn(folder)).toEqual([])
  const name = join('records', (await readdir(join(folder, 'records'))).find((one) => one.endsWith('.ldb')) ?? '')
  const bytes = await readFile(join(folder, name))
  bytes.writeUInt8(bytes.readUInt8(100) ^ 8, 100)
  await writeFile(join(folder, name), bytes)
  const message = expect.stringContaining('has a wrong checksum in the block at byte')
  expect(await faultsIn(folder)).toEqual([{ kind: 'file', where: name, message }])
  await database.close()
  await rm(folder, { recursive: true })
})

test('In memory there are no files', async () => {
  expect(await faultsIn(undefined)).toEqual([])
})
