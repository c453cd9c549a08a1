import { X509Certificate } from 'node:crypto'
import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readSettings } from '../options.ts'
import { openCertificate } from './certificate.ts'

let dataDir: string
let warnings: string[]
const now = Date.now()
const year = 365 * 86_400_000

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'certificate-'))
  warnings = []
})
afterEach(() => rm(dataDir, { recursive: true }))

function start(at = now) {
  const log = { warn: (text: string) => void warnings.push(text) }
  return openCertificate(readSettings({ tls: true, dataDir }, 'library'), at, log)
}

const fileOf = (name: string) => join(dataDir, 'tls', name)
/** Windows shows who may write, and nothing else. */
const ownersAlone = process.platform === 'win32' ? 0o666 : 0o600

test('a certificate is made once, for its owner alone, and kept', async () => {
  const first = await start()
  expect(await start()).toEqual(first)
  expect(warnings).toEqual([])
  expect(await readdir(join(dataDir, 'tls'))).toEqual(['cert.pem', 'key.pem'])
  expect((await stat(fileOf('key.pem'))).mode & 0o777).toBe(ownersAlone)
})

test.each([
  ['an empty certificate', 'cert.pem', () => '', 'cannot be read'],
  ['half a certificate', 'cert.pem', (text: string) => text.slice(0, text.length / 2), 'cannot be read'],
  ['an empty key', 'key.pem', () => '', 'cannot be read'],
  ['half a key', 'key.pem', (text: string) => text.slice(0, text.length / 2), 'cannot be read'],
])('%s is named and made anew', async (_, name, change, words) => {
  const first = await start()
  await writeFile(fileOf(name), change(await readFile(fileOf(name), 'utf8')))
  const second = await start()
  expect(second?.cert).not.toBe(first?.cert)
  expect(warnings).toEqual([`${fileOf('cert.pem')} with its key ${words}: a new one is made, to be trusted anew`])
  expect(await start()).toEqual(second)
  expect(warnings).toHaveLength(1)
})

test.each(['cert.pem', 'key.pem'])('a folder in the place of %s ends the start, which names it', async (name) => {
  await mkdir(fileOf(name), { recursive: true })
  await expect(start()).rejects.toThrow(`${fileOf(name)} is no file: move it elsewhere`)
})

test('a certificate that does not belong to its key, as a start that was cut off leaves it, is made anew', async () => {
  await start()
  const key = await readFile(fileOf('key.pem'))
  await rm(fileOf('cert.pem'))
  await start()
  await writeFile(fileOf('key.pem'), key)
  const third = await start()
  expect(warnings).toEqual([`${fileOf('cert.pem')} does not belong to its key: a new one is made, to be trusted anew`])
  expect(third?.key).not.toBe(key.toString())
})

test('an expired certificate is named and another put in its place, one that is still valid is kept', async () => {
  const first = await start()
  // Another name of the same file: it shows whether that was written to, or another put in its place.
  await link(fileOf('cert.pem'), fileOf('linked.pem'))
  const end = Date.parse(new X509Certificate(first?.cert ?? '').validTo)
  expect(await start(end - 1)).toEqual(first)
  expect((await start(Math.max(end, now + year)))?.cert).not.toBe(first?.cert)
  expect(await readFile(fileOf('linked.pem'), 'utf8')).toBe(first?.cert)
  expect(warnings).toEqual([`${fileOf('cert.pem')} has expired: a new one is made, to be trusted anew`])
})
