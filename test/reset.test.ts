import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import { region } from './emulator.ts'

/*
 * A reset while clients are at work: who is half way through is cut off, and nothing of it touches what is made afterwards.
 */

const fresh = Buffer.alloc(3_000_000, 'fresh')
const old = Buffer.alloc(3_000_000, 'old')

let undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

describe.each(['memory', 'a data folder'])('A reset of an emulator in %s', (backend) => {
  let dataDir: string
  let emulator: Emulator

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 's3kms-reset-'))
    undo.push(() => rm(dataDir, { recursive: true }))
    undo.push(() => emulator.stop())
    await start()
  })

  async function start(): Promise<void> {
    emulator = await startEmulator({ port: 0, logLevel: 'error', dataDir, ephemeral: backend === 'memory' })
  }

  /** The present emulator's client, made anew after a restart. */
  function s3(): S3Client {
    const { endpoint, credentials } = emulator
    return new S3Client({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true })
  }

  /** Sends the head of a request and half of its body, and waits until the emulator has taken some of it. */
  async function halfSent(url: string): Promise<{ socket: Socket; answer: () => string }> {
    const { host, pathname, search } = new URL(url)
    const socket = connect(emulator.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (bytes) => {
      answer += bytes
    })
    socket.on('error', () => undefined)
    const length = `Content-Length: ${old.length}\r\nExpect: 100-continue`
    socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n\r\n`)
    await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1.1 100 /)
    answer = ''
    await new Promise((resolve) => socket.write(old.subarray(0, old.length / 2), resolve))
    return { socket, answer: () => answer }
  }

  async function readBack(): Promise<boolean> {
    const { Body } = await s3().send(new GetObjectCommand({ Bucket: 'bucket', Key: 'fresh' }))
    return fresh.equals((await Body?.transformToByteArray()) ?? new Uint8Array())
  }

  test('ends uploads and parts that are half sent, and the objects put afterwards stay whole', async () => {
    await s3().send(new CreateBucketCommand({ Bucket: 'bucket' }))
    const place = { Bucket: 'bucket', Key: 'old' }
    const { UploadId } = await s3().send(new CreateMultipartUploadCommand(place))
    const put = await getSignedUrl(s3(), new PutObjectCommand(place))
    const part = await getSignedUrl(s3(), new UploadPartCommand({ ...place, UploadId, PartNumber: 1 }))
    const uploads = [await halfSent(put), await halfSent(part)]
    const closed = uploads.map(({ socket }) => once(socket, 'close'))
    const reset = await fetch(`${emulator.endpoint}/_s3kms/reset`, { method: 'POST' })
    expect(reset.status).toBe(200)
    await s3().send(new CreateBucketCommand({ Bucket: 'bucket' }))
    await s3().send(new PutObjectCommand({ Bucket: 'bucket', Key: 'fresh', Body: fresh }))
    for (const { socket } of uploads) socket.end(old.subarray(old.length / 2))
    await Promise.all(closed)
    expect(uploads.map(({ answer }) => answer())).toEqual(['', ''])

    expect(await readBack()).toBe(true)
    const gone = s3().send(new GetObjectCommand({ Bucket: 'bucket', Key: 'old' }))
    await expect(gone).rejects.toMatchObject({ name: 'NoSuchKey' })
    if (backend === 'memory') return
    await emulator.stop()
    await start()
    expect(await readBack()).toBe(true)
  })
})

test.each([
  [
    'a name that is unknown',
    'keys:\n  - { alias: alias/made }\n  - { alias: alias/b, tgas: {} }\n',
    'keys[1].tgas is unknown',
  ],
  ['a mistake of form', 'keys:\n  - { alias: alias/made }\nbuckets: [\n', 'at line 4, column 1'],
  [
    'a bucket that cannot be',
    'keys:\n  - { alias: alias/made }\nbuckets:\n  - { name: UP }\n',
    'buckets[0]: The specified bucket',
  ],
  ['a mistake in JSON', '{ "keys": [\n  { "alias": "alias/made" }\n  { }\n] }\n', 'line 3: '],
])(
  'A reset with fixtures of which one has %s names file and place, and leaves the emulator empty and at work',
  async (what, text, place) => {
    const folder = await mkdtemp(join(tmpdir(), 's3kms-reset-'))
    undo.push(() => rm(folder, { recursive: true }))
    const file = join(folder, what.endsWith('JSON') ? 'fixtures.json' : 'fixtures.yaml')
    await writeFile(file, '{ "keys": [] }')
    const emulator = await startEmulator({ ephemeral: true, port: 0, logLevel: 'silent', fixtures: [file] })
    undo.push(() => emulator.stop())
    const reset = () => fetch(`${emulator.endpoint}/_s3kms/reset?fixtures=true`, { method: 'POST' })
    await writeFile(file, text)
    const answer = await reset()
    expect(answer.status).toBe(422)
    const { message } = (await answer.json()) as { message: string }
    expect(message).toContain(`fixture file ${file}: `)
    expect(message).toContain(place)
    expect(message).toMatch(/\. The emulator is empty$/)
    const health = await (await fetch(`${emulator.endpoint}/_s3kms/health`)).json()
    expect(health).toMatchObject({ status: 'ok', counts: { buckets: 0, keys: 0 } })
    await writeFile(file, '{ "buckets": [{ "name": "uploads" }] }')
    expect(await (await reset()).json()).toEqual({ status: 'reset', fixtureReport: ['bucket uploads: made'] })
  },
)
