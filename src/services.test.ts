import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TurnableAmbient } from './ambient.ts'
import { userCaller } from './aws/caller.ts'
import { createLog } from './log.ts'
import { readSettings } from './options.ts'
import { callInProcess, type Endpoint, readAnswer } from './protocol/http.ts'
import { openServices, type Services } from './services.ts'
import { segmentsOf } from './store/blobs.fixture.ts'
import { Database, settings } from './store/database.ts'
import { moment } from './store/moment.fixture.ts'

const region = 'us-east-1'
const session = { caller: userCaller('000000000000', 'test', 'test'), region, service: 's3' } as const

let database: Database
let services: Services
let errors: string[]

beforeEach(async () => {
  errors = []
  database = await Database.open({})
  services = await compose(database)
})

afterEach(async () => {
  await services.close()
  await database.close()
})

function compose(generation: Database): Promise<Services> {
  const ambient = new TurnableAmbient()
  const log = createLog({ level: 'error', json: false, now: () => 0, write: (line) => errors.push(line) })
  return openServices({ database: generation, ambient, settings: readSettings({ ephemeral: true }, 'library'), log })
}

/** As the emulator does it, whatever is under way. */
async function reset(): Promise<void> {
  database = await database.clear()
  await services.close()
  services = await compose(database)
}

async function send(endpoint: Endpoint, call: Parameters<typeof callInProcess>[0]) {
  const answer = await endpoint(callInProcess({ ...call, session }))
  return { status: answer.status, text: Buffer.from(await readAnswer(answer)).toString() }
}

function put(target: string, text: string, headers = {}, { s3 } = services.endpoints) {
  const lengths = { 'content-length': String(text.length) }
  return send(s3, { method: 'PUT', target, headers: { ...lengths, ...headers }, body: segmentsOf(text) })
}

function get(target: string, { s3 } = services.endpoints) {
  return send(s3, { method: 'GET', target })
}

test('Whoever asks a closed generation is told that the service is unavailable, and the log is silent about it', async () => {
  await put('/bucket', '')
  const next = await database.clear()
  const body = segmentsOf('{}')
  const [putted, read, listed] = await Promise.all([
    put('/bucket/key', 'text'),
    get('/bucket/key'),
    send(services.endpoints.kms, { method: 'POST', headers: { 'x-amz-target': 'TrentService.ListKeys' }, body }),
  ])
  expect([putted.status, read.status, listed.status]).toEqual([503, 503, 503])
  const words = '<Code>ServiceUnavailable</Code><Message>Service is unable to handle request.</Message>'
  expect([putted.text, read.text]).toEqual([expect.stringContaining(words), expect.stringContaining(words)])
  expect(JSON.parse(listed.text)).toEqual({
    __type: 'ServiceUnavailable',
    message: 'The request has failed due to a temporary failure of the server.',
  })
  expect(errors).toEqual([])
  database = next
})

test.each([
  ['as it is', {}],
  ['under SSE-S3', { 'x-amz-server-side-encryption': 'AES256' }],
  ['under SSE-KMS', { 'x-amz-server-side-encryption': 'aws:kms' }],
])('An upload %s that a reset overtakes is refused, and harms nothing that was put since', async (_, encryption) => {
  await put('/bucket', '')
  const [isHalfSent, mayEnd] = [moment(), moment()]
  async function* slow() {
    yield Buffer.alloc(600_000, 'old')
    isHalfSent.come()
    await mayEnd.comes
    yield Buffer.alloc(600_000, 'old')
  }
  const headers = { ...encryption, 'content-length': '1200000' }
  const old = send(services.endpoints.s3, { method: 'PUT', target: '/bucket/old', headers, body: slow() })
  await isHalfSent.comes
  await reset()
  await put('/bucket', '')
  const fresh = 'new'.repeat(400_000)
  expect((await put('/bucket/new', fresh, encryption)).status).toBe(200)
  mayEnd.come()
  expect((await old).status).toBe(503)
  expect((await get('/bucket/new')).text === fresh).toBe(true)
  expect((await get('/bucket/old')).text).toContain('<Code>NoSuchKey</Code>')
  expect(errors).toEqual([])
})

test('A reset voids the bucket keys', async () => {
  const keyId = '2b6a1f6e-0000-4000-8000-000000000001'
  const encryption = {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': keyId,
    'x-amz-server-side-encryption-bucket-key-enabled': 'true',
  }
  const { caller } = session
  const call = { caller, region, requestId: 'r', clientAddress: '', userAgent: '', hostHeader: '', secure: true }
  await services.inProcess.kms.invoke('CreateKey', {}, { ...call, fixture: { keyId } })
  await put('/bucket', '')
  expect((await put('/bucket/key', 'text', encryption)).status).toBe(200)
  await reset()
  await put('/bucket', '')
  expect((await put('/bucket/key', 'text', encryption)).text).toContain('<Code>KMS.NotFoundException</Code>')
})

test('A table that is damaged behind what the start looks at is told by the health and by the log', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'services-'))
  const onDisk = () => Database.open({ folder: dataDir })
  const first = await onDisk()
  await first.transact((transaction) => {
    for (let index = 0; index < 500; index++) transaction.put(settings, [`number ${index}`], index)
  })
  await first.close()
  const disk = await onDisk()
  const told: string[] = []
  const log = createLog({ level: 'warn', json: false, now: () => 0, write: (line) => told.push(line) })
  const own = readSettings({ dataDir }, 'library')
  const damaged = await openServices({ database: disk, ambient: new TurnableAmbient(), settings: own, log })
  const table = (await readdir(join(dataDir, 'records'))).find((name) => name.endsWith('.ldb')) ?? ''
  const bytes = await readFile(join(dataDir, 'records', table))
  await writeFile(join(dataDir, 'records', table), bytes.fill(1, 50, 60))
  await damaged.settle()
  await damaged.settle()
  const reason = expect.stringContaining(`The data folder ${dataDir} is damaged: records/${table} has a wrong checksum`)
  expect(await damaged.health()).toMatchObject({ status: 'degraded', reason })
  await damaged.close()
  await disk.close()
  expect(told).toEqual([expect.stringContaining(`damaged: records/${table}`)])
  await rm(dataDir, { recursive: true })
})
