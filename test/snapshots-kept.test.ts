import { once } from 'node:events'
import { copyFile, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, test } from '@jest/globals'
import { exportTo, importFrom } from '../src/cli/export.ts'
import { listSnapshots, snapshot } from '../src/cli/snapshot.ts'
import { startEmulator } from '../src/emulator.ts'
import { openSnapshotFile, writeSnapshotFile } from '../src/lab/snapshots/snapshot-file.ts'
import { Database, settings } from '../src/store/database.ts'
import { formatVersion, recordKind } from '../src/store/keyspace.ts'
import { afterwards, bytesAt, empty, expectFilled, fill, folder, isEmpty, large, s3Of, start } from './kept-states.ts'

/*
 * Snapshots as files: over restarts, damaged, of other folders and versions; through the command line and over HTTP.
 */

test('A data folder keeps its snapshots over restarts, and a later one takes the place of the earlier', async () => {
  const dataDir = await folder()
  let emulator = await start({ dataDir })
  await emulator.snapshots.save('base')
  await fill(emulator)
  await emulator.snapshots.save('base')
  await emulator.snapshots.save('other')
  await emulator.snapshot()
  const before = await emulator.snapshots.list()
  await empty(emulator)
  await emulator.stop()
  emulator = await start({ dataDir })
  await emulator.settle()
  expect(await emulator.snapshots.list()).toEqual(before)
  expect((await readdir(join(dataDir, 'snapshots'))).sort()).toEqual(['base', 'other'])
  await emulator.snapshots.load('base')
  await expectFilled(emulator)
  await emulator.stop()
  emulator = await start({ dataDir })
  await expectFilled(emulator)
})

test('The space of bodies comes back when the last snapshot that needed them is deleted', async () => {
  const dataDir = await folder()
  const emulator = await start({ dataDir })
  const s3 = s3Of(emulator)
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))
  const megabytes = async () => {
    const names = await readdir(join(dataDir, 'bodies'))
    const sizes = await Promise.all(names.map((name) => stat(join(dataDir, 'bodies', name)).catch(() => ({ size: 0 }))))
    return sizes.reduce((sum, { size }) => sum + size, 0) / 2 ** 20
  }
  for (let index = 0; index < 24; index++) {
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: `${index}`, Body: large }))
  }
  await emulator.snapshots.save('one')
  await emulator.snapshots.save('two')
  await emulator.reset()
  await emulator.settle()
  await emulator.snapshots.delete('one')
  await emulator.settle()
  expect(await megabytes()).toBeGreaterThan(24)
  await emulator.snapshots.delete('two')
  await emulator.settle()
  expect(await megabytes()).toBeLessThan(8)
})

test('A damaged snapshot and one of a newer version are refused in one line, and nothing changes', async () => {
  const dataDir = await folder()
  const emulator = await start({ dataDir })
  await fill(emulator)
  await emulator.snapshots.save('base')
  const path = (name: string) => join(dataDir, 'snapshots', name)
  const bytes = await readFile(path('base'))
  const changed = Buffer.from(bytes)
  changed.writeUInt8(changed.readUInt8(bytes.length - 200) ^ 1, bytes.length - 200)
  await writeFile(path('changed'), changed)
  await writeFile(path('cut'), bytes.subarray(0, bytes.length / 2))
  await writeFile(path('newer'), bytes.toString('latin1').replace(`"format":${formatVersion}`, '"format":9'), 'latin1')
  await copyFile(path('base'), path('copied'))
  const words: Record<string, string> = {}
  for (const name of ['changed', 'cut', 'newer']) {
    words[name] = await emulator.snapshots.load(name).catch(({ message }) => message)
  }
  expect(words).toEqual({
    changed: 'The snapshot changed is not loaded. The file is damaged or not whole',
    cut: 'The snapshot cut is not loaded. The file is damaged or not whole',
    newer: expect.stringMatching(/^The snapshot newer is not loaded. The file was written by a newer version/),
  })
  expect((await emulator.snapshots.list()).map(({ name, damage }) => [name, damage !== undefined])).toEqual([
    ['base', false],
    ['changed', false],
    ['copied', false],
    ['cut', false],
    ['newer', true],
  ])
  await expectFilled(emulator)
  await emulator.snapshots.load('copied')
  await expectFilled(emulator)
})

test('A snapshot that is put into another folder is refused: its bodies are not there', async () => {
  const [dataDir, otherDir] = [await folder(), await folder()]
  const emulator = await start({ dataDir })
  await fill(emulator)
  await emulator.snapshots.save('base')
  const other = await start({ dataDir: otherDir })
  await other.snapshots.save('own')
  await copyFile(join(dataDir, 'snapshots', 'base'), join(otherDir, 'snapshots', 'base'))
  await expect(other.snapshots.load('base')).rejects.toThrow(
    'The snapshot base is not loaded. It belongs to another data folder: export there, and import here',
  )
  expect(await isEmpty(other)).toBe(true)
})

test('A folder among the snapshots is none: it is listed as that, and neither loaded, overwritten nor deleted', async () => {
  const dataDir = await folder()
  await mkdir(join(dataDir, 'snapshots', 'base'), { recursive: true })
  const { snapshots } = await start({ dataDir })
  expect(await snapshots.list()).toMatchObject([{ name: 'base', damage: expect.stringContaining('is no file') }])
  const refusal = { kind: 'conflict', message: expect.stringContaining('snapshots/base of the data folder is no file') }
  await expect(snapshots.load('base')).rejects.toMatchObject(refusal)
  await expect(snapshots.save('base')).rejects.toMatchObject(refusal)
  await expect(snapshots.delete('base')).rejects.toMatchObject(refusal)
  expect((await stat(join(dataDir, 'snapshots', 'base'))).isDirectory()).toBe(true)
})

test('Where snapshots is a file the start names it, and so does what is asked of snapshots later', async () => {
  const dataDir = await folder()
  const { snapshots, stop } = await start({ dataDir })
  const file = join(dataDir, 'snapshots')
  await writeFile(file, '')
  const refusal = { kind: 'conflict', message: expect.stringContaining('snapshots of the data folder is no folder') }
  await expect(snapshots.list()).rejects.toMatchObject(refusal)
  await expect(snapshots.save('base')).rejects.toMatchObject(refusal)
  await stop()
  await expect(start({ dataDir })).rejects.toThrow(`The data folder ${dataDir} is damaged: snapshots is no folder`)
})

test('A damaged snapshot keeps all bodies from the sweep after a start, until it is deleted', async () => {
  const dataDir = await folder()
  let emulator = await start({ dataDir })
  await fill(emulator)
  await emulator.snapshots.save('base')
  await emulator.stop()
  const path = join(dataDir, 'snapshots', 'base')
  const bytes = await readFile(path)
  await writeFile(path, bytes.subarray(0, 30))
  emulator = await start({ dataDir })
  await empty(emulator)
  await emulator.settle()
  await writeFile(path, bytes)
  await emulator.snapshots.load('base')
  await expectFilled(emulator)
})

test('A load that was broken off is finished by the next start, which names the file where that cannot be', async () => {
  const dataDir = await folder()
  let emulator = await start({ dataDir })
  await fill(emulator)
  await emulator.snapshots.save('base')
  await empty(emulator)
  await emulator.stop()
  const marks = recordKind<string>()('setting', ['string'])
  const database = await Database.open({ folder: dataDir })
  await database.transact((transaction) => transaction.put(marks, ['loading'], 'base'))
  await database.close()
  const aside = `${dataDir}-aside`
  await mkdir(aside)
  afterwards(() => rm(aside, { recursive: true }))
  await cp(join(dataDir, 'snapshots'), join(aside, 'snapshots'), { recursive: true })
  await rm(join(dataDir, 'snapshots'), { recursive: true })
  await expect(startEmulator({ dataDir, port: 0, logLevel: 'silent' })).rejects.toThrow(
    'snapshots/base is missing, and it was being loaded when the emulator ended',
  )
  await cp(join(aside, 'snapshots'), join(dataDir, 'snapshots'), { recursive: true })
  emulator = await start({ dataDir })
  await expectFilled(emulator)
})

test('A snapshot of an older format is brought to the newest as a data folder is', async () => {
  const dataDir = await folder()
  let emulator = await start({ dataDir })
  await fill(emulator)
  await emulator.snapshots.save('newest')
  await emulator.stop()
  // Format 4 differs from 5 by nothing that this state has; that the step is taken shows in the format.
  const database = await Database.open({ folder: dataDir })
  const store = database.get(recordKind<string>()('setting', ['string']), ['store-id']) ?? ''
  await database.transact((transaction) => transaction.put(settings, ['format'], 4))
  const moment = database.snapshot()
  const path = join(dataDir, 'snapshots', 'older')
  await writeSnapshotFile(path, `${path}.new`, await database.stateAt(moment), { created: 1, store })
  await moment.close()
  await database.close()
  expect((await openSnapshotFile(path, store)).format).toBe(4)
  emulator = await start({ dataDir })
  await empty(emulator)
  await emulator.snapshots.load('older')
  await expectFilled(emulator)
  await emulator.stop()
  const migrated = await Database.open({ folder: dataDir })
  afterwards(() => migrated.close())
  expect(migrated.get(settings, ['format'])).toBe(formatVersion)
})

test('A load cuts off who is half way through, and nothing of it reaches the state that was loaded', async () => {
  const emulator = await start({ dataDir: await folder() })
  await fill(emulator)
  await emulator.snapshots.save('base')
  const url = await getSignedUrl(s3Of(emulator), new PutObjectCommand({ Bucket: 'bucket', Key: 'late' }))
  const { host, pathname, search } = new URL(url)
  const socket = connect(emulator.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (text) => {
    answer += text
  })
  const length = `Content-Length: ${large.length}\r\nExpect: 100-continue`
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n\r\n`)
  await once(socket, 'data')
  answer = ''
  await new Promise((resolve) => socket.write(large.subarray(0, large.length / 2), resolve))
  const closed = once(socket, 'close')
  await emulator.snapshots.load('base')
  socket.end(large.subarray(large.length / 2))
  await closed
  expect(answer).toBe('')
  await expectFilled(emulator)
  await expect(bytesAt(emulator, 'late')).rejects.toMatchObject({ name: 'NoSuchKey' })
})

interface Printed {
  code: number
  text: string
}

test('The command line saves, lists, loads, deletes, exports and imports, with a passphrase from where it is hidden', async () => {
  const emulator = await start({ dataDir: await folder() })
  await fill(emulator)
  const place = await folder()
  const secret = join(place, 'secret.txt')
  await writeFile(secret, 'grüße aus Köln\n')
  const printed = async (
    command: (terminal: Parameters<typeof listSnapshots>[1]) => Promise<number>,
    environment = {},
  ): Promise<Printed> => {
    let text = ''
    const code = await command({
      environment,
      now: () => Date.now(),
      write: (more) => {
        text += more
      },
      interruption: () => new AbortController().signal,
    })
    return { code, text }
  }
  const { endpoint } = emulator
  const ask = (request: 'save' | 'load' | 'delete', name: string) =>
    printed((terminal) => snapshot(request, name, { endpoint }, terminal))
  expect(await ask('save', 'base')).toEqual({ code: 0, text: 'base: saved\n' })
  const list = await printed((terminal) => listSnapshots({ endpoint }, terminal))
  expect(list.text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}base {2}0\.0 MiB\n$/)
  await empty(emulator)
  expect(await ask('load', 'base')).toEqual({ code: 0, text: 'base: loaded\n' })
  await expectFilled(emulator)
  const file = join(place, 'exported')
  const sealed = await printed((terminal) => exportTo(file, { endpoint, passphraseFile: secret }, terminal))
  expect(sealed).toEqual({ code: 0, text: `${file}: 1.0 MiB\n` })
  expect((await readFile(file)).includes('small')).toBe(false)
  await empty(emulator)
  await expect(printed((terminal) => importFrom(file, { endpoint }, terminal))).rejects.toThrow(
    'The file is sealed with a passphrase: give it',
  )
  const environment = { S3KMS_PASSPHRASE: 'grüße aus Köln' }
  expect(await printed((terminal) => importFrom(file, { endpoint }, terminal), environment)).toEqual({
    code: 0,
    text: `${file}: imported\n`,
  })
  await expectFilled(emulator)
  expect(await ask('delete', 'base')).toEqual({ code: 0, text: 'base: deleted\n' })
  await expect(ask('delete', 'base')).rejects.toThrow('There is no snapshot base')
})

/** Of a client that has its connection closed after the answer, and reads it when all is sent. */
async function answerToClosing(url: string, body: Buffer): Promise<string> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  const head = `POST ${pathname} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`
  socket.write(head)
  for (let at = 0; at < body.length; at += 1 << 16) {
    const isRoom = socket.write(body.subarray(at, at + (1 << 16)))
    if (!isRoom) await once(socket, 'drain')
  }
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test('Over HTTP the same, with status codes, and a body of any length that is refused still gets its answer', async () => {
  const emulator = await start({ ephemeral: true })
  await fill(emulator)
  const ask = async (method: string, path: string, body?: BodyInit) => {
    const answer = await fetch(`${emulator.endpoint}/_s3kms/${path}`, { method, body })
    return { status: answer.status, answer: await answer.json() }
  }
  expect(await ask('PUT', 'snapshots/base')).toMatchObject({ status: 200, answer: { name: 'base' } })
  expect(await ask('GET', 'snapshots')).toMatchObject({ status: 200, answer: { snapshots: [{ name: 'base' }] } })
  expect(await ask('PUT', 'snapshots/Base')).toMatchObject({ status: 422 })
  expect(await ask('POST', 'snapshots/none/load')).toEqual({
    status: 404,
    answer: { message: 'There is no snapshot none' },
  })
  const exported = await fetch(`${emulator.endpoint}/_s3kms/export`)
  expect(exported.headers.get('content-type')).toBe('application/octet-stream')
  const file = Buffer.from(await exported.arrayBuffer())
  await empty(emulator)
  expect(await ask('POST', 'import', Buffer.alloc(20 << 20, 'x'))).toEqual({
    status: 422,
    answer: { message: 'This is no file that s3kms-emu exported' },
  })
  const wrong = Buffer.alloc(20 << 20, 'x')
  expect(await answerToClosing(`${emulator.endpoint}/_s3kms/import`, wrong)).toContain('This is no file that')
  expect(await ask('POST', 'import', file.subarray(0, file.length - 1))).toEqual({
    status: 422,
    answer: { message: 'The file is damaged or not whole' },
  })
  expect(await isEmpty(emulator)).toBe(true)
  expect(await ask('POST', 'import', file)).toEqual({ status: 200, answer: { status: 'imported' } })
  await expectFilled(emulator)
  await empty(emulator)
  expect(await ask('POST', 'snapshots/base/load')).toEqual({ status: 200, answer: { status: 'loaded', name: 'base' } })
  await expectFilled(emulator)
  expect(await ask('DELETE', 'snapshots/base')).toEqual({ status: 200, answer: { status: 'deleted', name: 'base' } })
  expect(await ask('DELETE', 'snapshots/base')).toMatchObject({ status: 404 })
  const fromPage = await fetch(`${emulator.endpoint}/_s3kms/export`, { headers: { origin: emulator.endpoint } })
  expect(fromPage.status).toBe(403)
})
