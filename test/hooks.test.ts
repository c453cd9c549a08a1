import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from '@jest/globals'
import { startProcess } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-hooks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A script of /bin/sh. */
function script(path: string, ...lines: string[]): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'))
  chmodSync(file, 0o755)
}

/** What a script does by curl: the status and the answer of a path, into a file. */
function asks(path: string, file: string): string {
  const node = `fetch(process.env.AWS_ENDPOINT_URL + '${path}').then(async (answer) => console.log(answer.status, await answer.text()))`
  return `"${process.execPath}" -e "${node}" > ${join(folder, file)}`
}

const read = (file: string) => readFileSync(join(folder, file), 'utf8').trim()

test('While scripts run the port is open and it is not ready; Ready. is the last line, once they have ended', async () => {
  script('init/start.d/1.sh', `echo "start \${AWS_ENDPOINT_URL:-nowhere}" >> ${join(folder, 'order')}`)
  script('init/ready.d/1.sh', asks('/_s3kms/health', 'health'), asks('/_localstack/health', 'localstack'))
  script('init/ready.d/2.sh', asks('/_localstack/init/ready', 'stage'), asks('/minio/health/ready', 'minio'))
  script('init/ready.d/3.sh', 'exit 3')
  script('init/shutdown.d/1.sh', asks('/_s3kms/health', 'shutdown'))
  const started = await startProcess(['--ephemeral', '--hooks', join(folder, 'init'), '--ready-line', 'localstack'])
  const stage = await (await fetch(`${started.endpoint}/_localstack/init/ready`)).text()
  expect((await fetch(`${started.endpoint}/_s3kms/health`)).status).toBe(200)
  expect(await started.end('SIGTERM')).toBe(0)

  expect(read('order')).toBe('start nowhere')
  expect(read('health')).toMatch(/^503 \{"status":"starting"/)
  expect(read('localstack')).toMatch(/^200 \{"services": \{"s3": "available"/)
  expect(read('stage')).toMatch(/^200 \{"completed": false/)
  expect(read('minio')).toBe('503')
  expect(read('shutdown')).toMatch(/^200 \{"status":"ok"/)
  expect(stage).toMatch('{"completed": true, "scripts": [{"stage": "READY", "name": "1.sh", "state": "SUCCESSFUL"}')
  expect(stage).toMatch('{"stage": "READY", "name": "3.sh", "state": "ERROR"}')
  const lines = started.output().trim().split('\n')
  expect(lines.filter((line) => /Ready/.test(line))).toEqual(['Ready.'])
  expect(started.output()).toContain('3.sh (READY): error')
})

test('A signal that comes while a script runs ends both', async () => {
  script('slow/ready.d/1.sh', `echo "http://127.0.0.1:1" >&2`, 'exec sleep 600')
  const started = await startProcess(['--ephemeral', '--hooks', join(folder, 'slow'), '--ready-line', 'localstack'])
  expect(await started.end('SIGTERM')).toBe(0)
  expect(started.output()).not.toContain('Ready.')
})

test('A second signal ends what a script of SHUTDOWN has begun, too', async () => {
  script('held/shutdown.d/1.sh', "trap '' INT TERM", 'echo begun', 'sleep 4', 'echo over')
  const started = await startProcess(['--ephemeral', '--hooks', join(folder, 'held')])
  const { child } = started
  // The script has the same output, which closes when both are gone.
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  while (!started.output().includes('begun')) await once(child.stdout ?? child, 'data')
  child.kill('SIGTERM')
  expect(await closed).toEqual([143, null])
  expect(started.output()).not.toContain('over')
})

test('Every address serves everything, and paths of other emulators are S3’s where they are keys, or switched off', async () => {
  const port = await freePort()
  const started = await startProcess(['--ephemeral', '--also-listen', `127.0.0.1:${port}`])
  const beside = `http://127.0.0.1:${port}`
  expect((await fetch(`${beside}/favicon.ico`)).status).toBe(200)
  const s3 = new S3Client({ endpoint: beside, region: 'us-east-1', forcePathStyle: true, credentials })
  await s3.send(new CreateBucketCommand({ Bucket: 'minio' }))
  const object = { Bucket: 'minio', Key: 'health/live' }
  await s3.send(new PutObjectCommand({ ...object, Body: 'an object' }))
  expect(await (await s3.send(new GetObjectCommand(object))).Body?.transformToString()).toBe('an object')
  expect(await (await fetch(`${beside}/minio/health/live`)).text()).toBe('')
  const health = await (await fetch(`${beside}/_localstack/health`)).text()
  expect(health).toContain('"s3": "running", "kms": "available"')
  await started.end('SIGTERM')
  expect(started.output()).toContain(`also on          127.0.0.1:${port}`)

  const plain = await startProcess(['--ephemeral', '--compatible', 'off'])
  expect((await fetch(`${plain.endpoint}/_localstack/health`)).headers.get('content-type')).toBe('application/xml')
  expect(await (await fetch(`${plain.endpoint}/favicon.ico`)).text()).toContain('<Code>')
  await plain.end('SIGTERM')
})

test.each([
  ['minio', 'API: http://127.0.0.1:'],
  ['moto', ' * Running on http://127.0.0.1:'],
])('The line that those wait for who start %s', async (style, line) => {
  const started = await startProcess(['--ephemeral', '--ready-line', style, '--log-level', 'warn'])
  await fetch(`${started.endpoint}/_s3kms/health`)
  await started.end('SIGTERM')
  expect(started.output()).toContain(`\n${line}`)
})

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
