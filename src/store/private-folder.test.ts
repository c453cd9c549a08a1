import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Database } from './database.ts'
import { closeToOthers } from './private-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'private-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function modeOf(...path: string[]): Promise<string> {
  return ((await stat(join(folder, ...path))).mode & 0o777).toString(8)
}

/** As an earlier version left it. */
async function openToAll(): Promise<void> {
  await mkdir(join(folder, 'records'))
  await writeFile(join(folder, 'records', '000001.log'), 'root key')
  await chmod(join(folder, 'records', '000001.log'), 0o644)
  for (const name of ['.', 'records']) await chmod(join(folder, name), 0o755)
}

const describeModes = process.platform === 'win32' ? describe.skip : describe

describeModes('a data folder', () => {
  test('is made for its owner alone, and so is what leads to it', async () => {
    const database = await Database.open({ folder: join(folder, 'share', 's3kms-emu') })
    await database.close()
    expect([await modeOf('share'), await modeOf('share', 's3kms-emu')]).toEqual(['700', '700'])
  })

  test('that stood open is closed with all in it, and it is told once', async () => {
    await openToAll()
    expect(await closeToOthers(folder)).toEqual([folder, join(folder, 'records')])
    const modes = [await modeOf(), await modeOf('records'), await modeOf('records', '000001.log')]
    expect(modes).toEqual(['700', '700', '600'])
    expect(await closeToOthers(folder)).toEqual([])
  })

  test('that holds other things stays as it is; what is ours in it is closed', async () => {
    await openToAll()
    await writeFile(join(folder, 'package.json'), '{}')
    await chmod(join(folder, 'package.json'), 0o644)
    expect(await closeToOthers(folder)).toEqual([join(folder, 'records')])
    const modes = [await modeOf(), await modeOf('package.json'), await modeOf('records', '000001.log')]
    expect(modes).toEqual(['755', '644', '600'])
  })

  test('behind which others cannot come is closed without a word', async () => {
    await openToAll()
    await chmod(folder, 0o700)
    expect(await closeToOthers(folder)).toEqual([])
    expect([await modeOf('records'), await modeOf('records', '000001.log')]).toEqual(['700', '600'])
  })
})
