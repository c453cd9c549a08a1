import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { formatVersion } from '../../store/keyspace.ts'
import { SegmentSet } from '../../store/segment-set.ts'
import type { State } from '../../store/state.ts'
import { FolderSnapshots } from './folder-snapshots.ts'

let dataDir: string
const inside = (...names: string[]) => join(dataDir, 'snapshots', ...names)
const onPosix = process.platform === 'win32' ? test.skip : test

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'folder-snapshots-'))
  await mkdir(inside())
})
afterEach(() => rm(dataDir, { recursive: true }))

const empty: State = {
  async *records() {},
  read: () => undefined,
  format: formatVersion,
  segments: new SegmentSet([]),
  reserved: 0,
}

const snapshots = () => new FolderSnapshots(dataDir, 'store')
const keep = (name: string) => snapshots().keep(name, { state: empty, created: 1, release: async () => undefined })
const refusal = (words: string) => ({ kind: 'conflict', message: expect.stringContaining(words) })

test('A folder in the place of what is being written is named, and stays', async () => {
  await mkdir(inside('.new-base'))
  await writeFile(inside('.new-base', 'mine'), '')
  await expect(keep('base')).rejects.toMatchObject(refusal('snapshots/.new-base of the data folder is no file'))
  expect(await readFile(inside('.new-base', 'mine'), 'utf8')).toBe('')
  await keep('other')
})

test('What a killed process left half written is written over', async () => {
  await writeFile(inside('.new-base'), 'half')
  await keep('base')
  expect(await snapshots().list()).toMatchObject([{ name: 'base', created: 1 }])
})

onPosix('Nothing is written through a link, and no pipe is waited for', async () => {
  const precious = join(dataDir, 'precious')
  await writeFile(precious, 'mine')
  await symlink(precious, inside('.new-base'))
  await keep('base')
  expect(await readFile(precious, 'utf8')).toBe('mine')
  execFileSync('mkfifo', [inside('.new-pipe')])
  await expect(keep('pipe')).rejects.toMatchObject(refusal('snapshots/.new-pipe of the data folder is no file'))
})

onPosix.each([
  ['itself', 'loop'],
  ['nowhere', 'nothing'],
])('A link to %s is listed as no snapshot, and neither loaded, overwritten nor deleted', async (_, target) => {
  await symlink(target, inside('loop'))
  const words = refusal('snapshots/loop of the data folder is no file')
  expect(await snapshots().list()).toMatchObject([{ name: 'loop', damage: expect.stringContaining('is no file') }])
  await expect(keep('loop')).rejects.toMatchObject(words)
  await expect(snapshots().open('loop')).rejects.toMatchObject(words)
  await expect(snapshots().delete('loop')).rejects.toMatchObject(words)
})

onPosix.each([
  ['a file', (path: string) => writeFile(path, '')],
  ['a link to nowhere', (path: string) => symlink('nothing', path)],
  ['a link to itself', (path: string) => symlink('snapshots', path)],
])('%s in the place of the folder is named', async (_, make) => {
  await rm(inside(), { recursive: true })
  await make(inside())
  await expect(keep('base')).rejects.toMatchObject(refusal('snapshots of the data folder is no folder'))
})
