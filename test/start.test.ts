import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from '@jest/globals'
import { startJourney } from './emulator.ts'
import { startProcess } from './process.ts'

const executable = fileURLToPath(new URL('../dist/s3kms-emu.cjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-start-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the program to its end. */
function run(parameters: string[], environment: NodeJS.ProcessEnv = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '', ...environment }
    execFile(process.execPath, [executable, ...parameters], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

test('The start message names the endpoint, the mode of bucket defaults and the export lines', async () => {
  const started = await startProcess(['--ephemeral', '--bucket-defaults', 'current'])
  await fetch(`${started.endpoint}/_s3kms/health`)
  expect(started.output()).toContain('bucket defaults  current')
  expect(started.output()).toContain(`export AWS_ENDPOINT_URL=${started.endpoint} AWS_ACCESS_KEY_ID=test`)
  expect(await started.end('SIGTERM')).toBe(0)
})

test('What is taken from variables of other emulators is said, and can be switched off', async () => {
  const variables = { MINIO_DEFAULT_BUCKETS: 'theirs', SERVICES: 's3', PERSISTENCE: '1' }
  const started = await startProcess(['--ephemeral'], variables)
  expect(await (await fetch(`${started.endpoint}/_s3kms/health`)).json()).toMatchObject({ counts: { buckets: 1 } })
  await started.end('SIGTERM')
  expect(started.output()).toContain('taken from       MINIO_DEFAULT_BUCKETS=theirs: --buckets theirs\n')
  expect(started.output()).not.toContain('SERVICES')
  const without = await startProcess(['--ephemeral', '--compatible', 'off'], variables)
  await without.end('SIGTERM')
  expect(without.output()).not.toContain('theirs')
})

test('SIGINT ends it with exit code 0', async () => {
  const started = await startProcess(['--ephemeral'])
  expect(await started.end('SIGINT')).toBe(0)
})

test.each([
  [['start', '--port', 'abc'], 2, "s3kms-emu: --port must be a whole number from 0 to 65535, not 'abc'\n"],
  [
    ['start', '--bucket-defaults', 'new'],
    2,
    "s3kms-emu: --bucket-defaults must be one of classic, 2023, current, not 'new'\n",
  ],
  [['start', '--keys', 'app'], 2, "s3kms-emu: --keys must be aliases such as alias/app, not 'app'\n"],
  [['start', '--cert', 'a.pem'], 2, 's3kms-emu: --cert and --key go together\n'],
  [
    ['start', '--ephemeral', '--fixtures', 'none.yaml'],
    1,
    's3kms-emu: fixture file none.yaml cannot be read (ENOENT)\n',
  ],
])('%j ends with exit code %d and one clear line', async (parameters, code, line) => {
  expect(await run(parameters)).toEqual({ code, stdout: '', stderr: line })
})

test('An unknown option ends with exit code 2 and no stack', async () => {
  const { code, stderr } = await run(['start', '--nonsense'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: unknown option '--nonsense'/)
  expect(stderr).not.toContain('    at ')
})

test('A variable passes the same checks as its flag, and the flag wins', async () => {
  expect((await run(['start'], { S3KMS_PORT: 'x' })).code).toBe(2)
  const started = await startProcess(['--ephemeral'], { S3KMS_PORT: '1' })
  expect(await started.end('SIGTERM')).toBe(0)
})

test('A port in use is one clear line and exit code 1', async () => {
  const other = createServer()
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve(Number(Object(other.address()).port)))
  })
  const { code, stderr } = await run(['start', '--ephemeral', '--port', String(port)])
  other.close()
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `s3kms-emu: port ${port} on 127.0.0.1 is in use: choose another with --port (0 picks a free one)\n`,
  })
})

test('A second process on the same data folder is refused, and the first is unharmed', async () => {
  const dataDir = join(folder, 'locked')
  const first = await startProcess(['--data-dir', dataDir])
  const { code, stderr } = await run(['start', '--port', '0', '--data-dir', dataDir])
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `s3kms-emu: The data folder ${dataDir} is in use by another process\n`,
  })
  expect((await fetch(`${first.endpoint}/_s3kms/health`)).status).toBe(200)
  expect(await first.end('SIGTERM')).toBe(0)
})

const aFile = fileURLToPath(import.meta.url)

test.each([
  ['a file', aFile, `ENOTDIR, ${aFile} is there and is not a folder`],
  ['below a file', join(aFile, 'data'), 'ENOTDIR: not a directory'],
  ...(process.platform === 'linux'
    ? [
        ['below /proc', '/proc/nope', 'ENOENT: no such file or directory'],
        ['/proc itself', '/proc', 'ENOENT: no such file or directory'],
      ]
    : []),
])('A data folder that is %s is one line with the folder and the cause, over TLS too', async (_, dataDir, cause) => {
  const start = ['start', '--port', '0', '--data-dir', dataDir]
  const { code, stdout, stderr } = await run(start)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  const line = `s3kms-emu: The data folder ${dataDir} cannot be opened: `
  expect(stderr.split('\n')).toEqual([expect.stringContaining(line + cause), ''])
  const overTls = await run([...start, '--tls'])
  expect(overTls.code).toBe(1)
  expect(overTls.stderr.split('\n')).toEqual([expect.stringContaining(line), ''])
})

test('A wrong root key is refused, and the right one still opens the folder', async () => {
  const flags = ['--data-dir', join(folder, 'sealed')]
  const right = { S3KMS_ROOT_KEY: '11'.repeat(32) }
  expect(await (await startProcess(flags, right)).end('SIGTERM')).toBe(0)
  const { code, stderr } = await run(['start', '--port', '0', ...flags], { S3KMS_ROOT_KEY: '22'.repeat(32) })
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^s3kms-emu: .*root key.*\n$/) })
  expect(await (await startProcess(flags, right)).end('SIGTERM')).toBe(0)
})

test('Fixtures are made once, and left as they are at the next start', async () => {
  const flags = ['--data-dir', join(folder, 'fixtures'), '--fixtures', 'fixtures/example.yaml']
  const first = await startProcess(flags)
  await first.end('SIGTERM')
  expect(first.output()).toContain('key alias/app: made')
  const second = await startProcess(flags)
  await second.end('SIGTERM')
  expect(second.output()).toContain('object uploads/hello.txt: exists already, left as it is')
})

test('Buckets and keys of the command line and of variables are there when it is ready, at every start', async () => {
  const flags = ['--data-dir', join(folder, 'seeds'), '--buckets', 'uploads,reports']
  const first = await startProcess(flags, { S3KMS_KEYS: 'alias/app' })
  expect(await (await fetch(`${first.endpoint}/_s3kms/health`)).json()).toMatchObject({
    status: 'ok',
    counts: { buckets: 2, keys: 1 },
  })
  await first.end('SIGTERM')
  const second = await startProcess(flags, { S3KMS_KEYS: 'alias/app' })
  await second.end('SIGTERM')
  expect(second.output()).toContain('key alias/app: exists already, left as it is')
})

test('A mistake in a fixture file is named by its place', async () => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, 'keys:\n  - { alias: alias/a, tgas: {} }\n')
  const { code, stderr } = await run(['start', '--ephemeral', '--fixtures', file])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('keys[0].tgas is unknown') })
})

test('Over TLS with its own certificate, kept in the data folder', async () => {
  const dataDir = join(folder, 'tls')
  const started = await startProcess(['--tls', '--data-dir', relative(process.cwd(), dataDir)])
  expect(started.endpoint).toMatch(/^https:/)
  const certificate = join(dataDir, 'tls/cert.pem')
  // Whole, because the export line is pasted into a shell that stands elsewhere.
  expect(started.output()).toContain(`AWS_CA_BUNDLE=${certificate}`)
  const before = readFileSync(certificate, 'utf8')
  const ask = `fetch('${started.endpoint}/_s3kms/health').then((answer) => process.exit(answer.status === 200 ? 0 : 1))`
  const child = spawn(process.execPath, ['-e', ask], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: certificate },
  })
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
  await started.end('SIGTERM')
  await (await startProcess(['--tls', '--data-dir', dataDir])).end('SIGTERM')
  expect(readFileSync(certificate, 'utf8')).toBe(before)
})

test('Two emulators in one process know nothing of each other', async () => {
  const [one, two] = [await startJourney(), await startJourney()]
  await one.createBucket('only-in-one')
  const { Buckets } = await two.s3.send(new ListBucketsCommand({}))
  expect(Buckets ?? []).toEqual([])
  await Promise.all([one.stop(), two.stop()])
})

test('A reset empties everything and the emulator goes on', async () => {
  const started = await startProcess(['--data-dir', join(folder, 'reset')])
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const s3 = new S3Client({ endpoint: started.endpoint, region: 'us-east-1', credentials })
  await s3.send(new CreateBucketCommand({ Bucket: 'gone' }))
  const foreign = { method: 'POST', headers: { origin: 'http://elsewhere.test' } }
  expect((await fetch(`${started.endpoint}/_s3kms/reset`, foreign)).status).toBe(403)
  expect((await fetch(`${started.endpoint}/_s3kms/reset`, { method: 'POST' })).status).toBe(200)
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([])
  await s3.send(new CreateBucketCommand({ Bucket: 'new' }))
  expect(await started.end('SIGTERM')).toBe(0)
})

test('A reader that has enough of the trail ends the follower quietly', async () => {
  const started = await startProcess(['--ephemeral'])
  const env = { ...process.env, NODE_OPTIONS: '', AWS_ENDPOINT_URL: started.endpoint }
  const follower = spawn(process.execPath, [executable, 'trail', '--follow'], { env })
  let complaint = ''
  follower.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk
  })
  const ended = once(follower, 'exit')
  await once(follower.stdout, 'data')
  follower.stdout.destroy()
  const s3 = new S3Client({
    endpoint: started.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  await s3.send(new CreateBucketCommand({ Bucket: 'a-new-event' }))
  expect(await ended).toEqual([0, null])
  expect(complaint).toBe('')
  await started.end('SIGTERM')
})

test('exec runs a command beside an emulator of its own and returns its exit code', async () => {
  const ask =
    "fetch(process.env.AWS_ENDPOINT_URL + '/_s3kms/health').then((answer) => process.exit(answer.status === 200 ? 7 : 1))"
  expect((await run(['exec', '--', process.execPath, '-e', ask])).code).toBe(7)
})
