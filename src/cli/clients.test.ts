import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { Explanations } from '../access/explanations.ts'
import { TurnableAmbient } from '../ambient.ts'
import { userCaller } from '../aws/caller.ts'
import { openPrincipals } from '../identity/principals.ts'
import type { HttpCall } from '../protocol/http.ts'
import { createRequestListener } from '../server/listener.ts'
import { Database } from '../store/database.ts'
import { createStsEndpoint } from '../sts/endpoint.ts'
import { createCloudTrailEndpoint } from '../trail/endpoint.ts'
import type { CallOutcome } from '../trail/event.ts'
import { openTrail } from '../trail/trail.ts'
import { env, trustedFrom } from './env.ts'
import { type TrailFlags, trail } from './trail.ts'

const accountId = '000000000000'
const region = 'us-east-1'
const log = { debug() {}, info() {}, warn() {}, error() {} }
const keyArn = 'arn:aws:kms:us-east-1:000000000000:key/2b6a1f6e-0000-4000-8000-000000000001'

async function withServer(body: (fixture: Awaited<ReturnType<typeof openFixture>>) => Promise<void>): Promise<void> {
  const fixture = await openFixture()
  try {
    await body(fixture)
  } finally {
    fixture.close()
  }
}

async function openFixture() {
  const database = await Database.open({})
  const ambient = new TurnableAmbient()
  const events = openTrail({ database, ambient, retentionDays: 90 })
  const principals = openPrincipals({ database, ambient, accountId, mode: 'strict' })
  const cloudTrail = createCloudTrailEndpoint({
    permit() {},
    invoke: async () => ({}),
    trail: events,
    credentials: principals,
    ambient,
    region,
    log,
  })
  const explanations = new Explanations(database)
  const sts = createStsEndpoint({ explanations, database, principals, trail: events, ambient, region, log })
  const choose = ({ headers }: HttpCall) => (headers['x-amz-target'] === undefined ? sts : cloudTrail)
  const server = createServer(createRequestListener({ choose, log, now: () => ambient.now() }).onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const record = (changes: Partial<CallOutcome>) =>
    database.transact((transaction) => {
      events.append(transaction, {
        caller: userCaller(accountId, 'test', 'test'),
        time: ambient.now(),
        service: 'kms',
        eventName: 'Decrypt',
        region,
        clientAddress: '127.0.0.1',
        userAgent: 'agent',
        secure: false,
        requestId: ambient.uuid(),
        readOnly: true,
        requestParameters: null,
        responseElements: null,
        resources: [{ accountId, type: 'AWS::KMS::Key', ARN: keyArn }],
        ...changes,
      })
    })
  const now = () => ambient.now()
  const show = async (flags: TrailFlags) => {
    let text = ''
    await trail({ endpoint, ...flags }, {}, { now, write: (more) => (text += more) })
    return text.trimEnd().split('\n')
  }
  return { endpoint, ambient, now, record, show, close: () => server.close() }
}

test('trail shows time, event, key, caller, error and context, oldest first', () =>
  withServer(async ({ record, show }) => {
    await record({ eventName: 'GenerateDataKey', via: 's3', requestParameters: { encryptionContext: { team: 'a' } } })
    await record({ error: { code: 'DisabledException', message: 'x' }, requestParameters: { keyId: 'alias/app' } })
    const [heading, first, second] = await show({})
    expect(heading).toMatch(/^TIME +EVENT +KEY +CALLER +ERROR +CONTEXT$/)
    expect(first).toMatch(/^\S+Z +GenerateDataKey +2b6a1f6e +test via s3 +- +team=a$/)
    expect(second).toMatch(/^\S+Z +Decrypt +alias\/app +test +DisabledException +-$/)
  }))

test('trail filters by event, key, context and errors, over all pages', () =>
  withServer(async ({ record, show }) => {
    await record({ eventName: 'Encrypt', requestParameters: { encryptionContext: { team: 'a' } } })
    for (let index = 0; index < 60; index++) await record({ resources: [] })
    await record({ error: { code: 'DisabledException', message: 'x' } })
    const names = async (flags: TrailFlags) =>
      (await show({ ...flags, json: true })).filter(Boolean).map((line) => JSON.parse(line).eventName)
    expect(await names({ event: 'Encrypt' })).toEqual(['Encrypt'])
    expect(await names({ context: ['team=a'] })).toEqual(['Encrypt'])
    expect(await names({ context: ['team=b'] })).toEqual([])
    expect(await names({ errors: true })).toEqual(['Decrypt'])
    expect(await names({ key: keyArn.slice(keyArn.lastIndexOf('/') + 1) })).toEqual(['Encrypt', 'Decrypt'])
    // And the GetCallerIdentity by which a key's id became its ARN.
    expect(await names({ limit: 100 })).toHaveLength(63)
    expect(await names({ limit: 2 })).toHaveLength(2)
  }))

test('trail --follow shows each new event once, and none from before', () =>
  withServer(async ({ endpoint, now, record }) => {
    for (const requestId of ['a', 'b', 'c']) await record({ requestId })
    const interrupted = new AbortController()
    const ids: string[] = []
    const write = (text: string) => {
      for (const line of text.split('\n').filter(Boolean)) ids.push(JSON.parse(line).requestID)
      if (ids.length === 1) void record({ requestId: 'd' }).then(() => record({ requestId: 'e' }))
      if (ids.includes('e')) interrupted.abort()
    }
    await trail({ endpoint, follow: true, json: true, limit: 1 }, {}, { now, write, signal: interrupted.signal })
    expect(ids).toEqual(['c', 'd', 'e'])
  }))

test('trail --follow shows an event that was recorded behind a later one, and each on the edge of a look once', () =>
  withServer(async ({ endpoint, ambient, now, record }) => {
    // Half past a second, so that the first look begins within one.
    ambient.turn(1500 - (ambient.now() % 1000))
    const begin = ambient.now()
    const shown: string[] = []
    const write = (text: string) => {
      for (const line of text.split('\n').filter(Boolean)) shown.push(JSON.parse(line).requestID)
    }
    const interrupted = new AbortController()
    const steps = [
      () => record({ requestId: 'at the edge', time: begin - 1900 }),
      () => record({ requestId: 'new', time: begin + 3000 }),
      () => record({ requestId: 'of the same second', time: begin + 3400 }),
      () => record({ requestId: 'late', time: begin + 1400 }),
      () => {},
      () => {},
      () => interrupted.abort(),
    ]
    const untilNextLook = async () => steps.shift()?.()
    await trail({ endpoint, follow: true, json: true }, {}, { now, write, signal: interrupted.signal, untilNextLook })
    expect(shown).toEqual(['at the edge', 'new', 'of the same second', 'late'])
  }))

test('trail filters by caller and time, and takes an event name in any case', () =>
  withServer(async ({ ambient, record, show }) => {
    const app = userCaller(accountId, 'app', 'AKIAAPP')
    await record({ requestId: 'old', caller: app, eventName: 'GenerateDataKey' })
    ambient.turn(3_600_000)
    await record({ requestId: 'new', caller: app })
    await record({ requestId: 'other' })
    const ids = async (flags: TrailFlags) =>
      (await show({ ...flags, json: true })).filter(Boolean).map((line) => JSON.parse(line).requestID)
    expect(await ids({ caller: 'app' })).toEqual(['old', 'new'])
    expect(await ids({ caller: app.arn })).toEqual(['old', 'new'])
    expect(await ids({ caller: 'nobody' })).toEqual([])
    expect(await ids({ caller: 'app', since: '10m' })).toEqual(['new'])
    expect(await ids({ until: '10m' })).toEqual(['old'])
    expect(await ids({ since: new Date(ambient.now() - 1000).toISOString() })).toEqual(['new', 'other'])
    expect(await ids({ event: 'generatedatakey' })).toEqual(['old'])
    expect(await ids({ event: 'DECRYPT', caller: 'test' })).toEqual(['other'])
    await expect(show({ since: 'yesterday' })).rejects.toThrow('--since must be a time such as')
    await expect(show({ since: '1m', until: '1h' })).rejects.toThrow('--since is after --until')
    await expect(show({ follow: true, until: '1h' })).rejects.toThrow('--follow has no end')
  }))

test('A table is cut to the terminal, and its columns stand fast under --follow', () =>
  withServer(async ({ endpoint, now, record }) => {
    const lines: string[] = []
    const write = (text: string) => void lines.push(...text.split('\n').filter(Boolean))
    const interrupted = new AbortController()
    const encryptionContext = { path: 'x'.repeat(300) }
    const steps = [
      () => record({ eventName: 'GenerateDataKeyWithoutPlaintext', requestParameters: { encryptionContext } }),
      () => record({}),
      () => {},
      () => interrupted.abort(),
    ]
    const untilNextLook = async () => steps.shift()?.()
    await trail({ endpoint, follow: true }, {}, { now, write, width: 100, signal: interrupted.signal, untilNextLook })
    expect(lines).toHaveLength(3)
    const [heading = '', long = '', short = ''] = lines
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
    expect(long).toContain('…')
    for (const name of ['EVENT', 'KEY', 'CALLER']) expect(long[heading.indexOf(name) - 1]).toBe(' ')
    expect(short.indexOf('Decrypt')).toBe(heading.indexOf('EVENT'))
    expect(short.indexOf('2b6a1f6e')).toBe(heading.indexOf('KEY'))
  }))

test('An event cannot move the cursor or forge a row of the table', () =>
  withServer(async ({ record, show }) => {
    await record({ requestParameters: { encryptionContext: { a: '\u001b[2J\nforged' } } })
    expect(await show({})).toHaveLength(2)
    expect((await show({}))[1]).toContain('a=\\u001b[2J\\u000aforged')
  }))

test('env prints what a shell evaluates, once an emulator answered', () =>
  withServer(async ({ endpoint, now }) => {
    let text = ''
    expect(await env({ endpoint }, {}, now, (more) => (text += more))).toBe(0)
    expect(text.split('\n').slice(0, 2)).toEqual([
      `export AWS_ENDPOINT_URL=${endpoint}`,
      'export AWS_ACCESS_KEY_ID=test',
    ])
  }))

test('env names over TLS the file that is trusted, by its whole path', () => {
  const file = resolve('tls/cert.pem')
  const both = { AWS_CA_BUNDLE: file, NODE_EXTRA_CA_CERTS: file }
  const https = { endpoint: 'https://127.0.0.1:4566' }
  expect(trustedFrom(https, { NODE_EXTRA_CA_CERTS: 'tls/cert.pem' })).toEqual(both)
  expect(trustedFrom(https, { AWS_CA_BUNDLE: file })).toEqual(both)
  expect(trustedFrom(https, {})).toEqual({})
  expect(trustedFrom({ endpoint: 'http://127.0.0.1:4566' }, { AWS_CA_BUNDLE: file })).toEqual({})
})

test('A refusal is told in one line, and an emulator that is not there with how to start it', () =>
  withServer(async ({ endpoint, now, show }) => {
    const wrong = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'wrong' }
    await expect(env({ endpoint }, wrong, now, () => {})).rejects.toThrow('GetCallerIdentity: SignatureDoesNotMatch')
    const unknown = { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'wrong' }
    await expect(trail({ endpoint }, unknown, { now, write() {} })).rejects.toThrow('UnrecognizedClientException')
    await expect(show({ context: ['nonsense'] })).rejects.toThrow('--context nonsense')
    await expect(show({ endpoint: 'nonsense' })).rejects.toThrow('not an http or https address')
    await expect(show({ endpoint: 'http://127.0.0.1:2' })).rejects.toThrow(
      /no emulator at .*: start one with "s3kms-emu start"/,
    )
  }))
