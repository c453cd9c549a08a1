import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { makeFolder } from './make-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'make-folder-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a folder is made with those that it lies in, for its owner alone, and made again it stays as it is', async () => {
  const path = join(folder, 'a', 'b', 'c')
  await makeFolder(path)
  await makeFolder(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700)
  await makeFolder('/')
})

test('a file in its place, or on the way to it, is named', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(makeFolder(file)).rejects.toThrow(`ENOTDIR, ${file} is there and is not a folder`)
  await expect(makeFolder(join(file, 'a', 'b'))).rejects.toThrow('ENOTDIR: not a directory')
})

test('a link to nowhere is told, not followed', async () => {
  const link = join(folder, 'link')
  symlinkSync(join(folder, 'nowhere'), link)
  await expect(makeFolder(link)).rejects.toThrow(`EEXIST: file already exists, mkdir '${link}'`)
  await expect(makeFolder(join(link, 'inside'))).rejects.toThrow('EEXIST')
})

const testOnLinux = existsSync('/proc/self') ? test : test.skip

testOnLinux('a file system that takes no folder says so, and nothing waits for ever', async () => {
  await expect(makeFolder('/proc/nope')).rejects.toThrow(`ENOENT: no such file or directory, mkdir '/proc/nope'`)
  await expect(makeFolder('/proc/nope/inside')).rejects.toThrow(`ENOENT: no such file or directory, mkdir '/proc/nope'`)
})
