import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { noProgress } from '../../hooks/progress.ts'
import { withDoors } from '../control.fixture.ts'
import type { Controls, HealthReport } from '../controls.ts'
import { isCompatiblePath } from './paths.ts'

function controlsWith(status: HealthReport['status'], resets: object[] = []): Partial<Controls> {
  const progress = noProgress()
  progress.completed.BOOT = true
  progress.completed.START = true
  progress.completed.READY = status !== 'starting'
  progress.scripts.push({ stage: 'READY', name: 'seed.sh', state: 'SUCCESSFUL' })
  return {
    health: async () => ({ status, version: '1.2.3', uptime: 12.7 }),
    progress: () => progress,
    services: () => ({ s3: 'running', kms: 'available' }),
    now: () => Date.UTC(2026, 10, 29, 15, 54),
    reset: async (options) => {
      resets.push(options)
      return []
    },
    token: 'secret',
  }
}

/** Status and text of an answer. */
async function answer(port: number, path: string, options?: RequestInit): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, options)
  return [response.status, await response.text()]
}

test('LocalStack’s health is printed as Python prints it, while scripts run too', async () => {
  const text = '{"services": {"s3": "running", "kms": "available"}, "edition": "s3kms-emu", "version": "1.2.3"}'
  for (const status of ['starting', 'ok'] as const) {
    await withDoors(controlsWith(status), async (_, port) => {
      expect(await answer(port, '/_localstack/health')).toEqual([200, text])
      expect(await answer(port, '/_localstack/health?reload')).toEqual([200, text])
      expect(await answer(port, '/_localstack/health', { method: 'HEAD' })).toEqual([200, ''])
    })
  }
  await withDoors(controlsWith('degraded'), async (_, port) => {
    expect((await answer(port, '/_localstack/health'))[1]).toContain('"s3": "error"')
  })
})

test('LocalStack’s init tells how far the start is, and of the scripts of a stage', async () => {
  await withDoors(controlsWith('ok'), async (_, port) => {
    const script = '{"stage": "READY", "name": "seed.sh", "state": "SUCCESSFUL"}'
    const completed = '{"BOOT": true, "START": true, "READY": true, "SHUTDOWN": false}'
    expect(await answer(port, '/_localstack/init')).toEqual([
      200,
      `{"completed": ${completed}, "scripts": [${script}]}`,
    ])
    expect(await answer(port, '/_localstack/init/ready')).toEqual([200, `{"completed": true, "scripts": [${script}]}`])
    expect(await answer(port, '/_localstack/init/boot')).toEqual([200, '{"completed": true, "scripts": []}'])
    expect(await answer(port, '/_localstack/init/none')).toEqual([404, 'no such stage none'])
  })
  await withDoors(controlsWith('starting'), async (_, port) => {
    expect((await answer(port, '/_localstack/init/ready'))[1]).toMatch('"completed": false')
  })
})

test('What LocalStack tells of itself is told of this emulator', async () => {
  await withDoors(controlsWith('ok'), async (call) => {
    const [status, info] = await call('/_localstack/info')
    expect(status).toBe(200)
    expect(info).toMatchObject({ version: '1.2.3', is_license_activated: false, uptime: 12 })
    expect(info).toMatchObject({ server_time_utc: '2026-11-29T15:54:00' })
  })
})

test('What LocalStack has and is not here is 404 in JSON, and a wrong method 405', async () => {
  await withDoors(controlsWith('ok'), async (call) => {
    expect(await call('/_localstack/plugins')).toEqual([404, { message: 'There is no /_localstack/plugins' }])
    expect(await call('/_localstack')).toEqual([404, { message: 'There is no /_localstack' }])
    expect(await call('/_localstack/health', { method: 'POST' })).toEqual([405, { message: 'GET it' }])
  })
})

test('Resets empty everything, for this machine and who bears the token; one service alone is refused', async () => {
  const resets: object[] = []
  await withDoors(controlsWith('ok', resets), async (call, port) => {
    const method = 'POST'
    expect(await answer(port, '/_localstack/state/reset', { method })).toEqual([200, ''])
    expect(await answer(port, '/moto-api/reset', { method })).toEqual([200, '{"status": "ok"}'])
    expect(resets).toEqual([{ fixtures: false }, { fixtures: false }])
    const page = { origin: 'http://elsewhere.test' }
    for (const path of ['/_localstack/state/reset', '/moto-api/reset', '/_localstack/state/s3/reset']) {
      expect((await call(path, { method, headers: page }))[0]).toBe(403)
    }
    expect((await call('/_localstack/state/s3/reset', { method }))[0]).toBe(501)
    expect(await call('/moto-api/reset')).toEqual([400, { Error: 'Need to POST to reset Moto' }])
    expect(resets).toHaveLength(2)
  })
})

test.each([
  ['starting', { live: 200, ready: 503, cluster: 503, 'cluster/read': 503 }, 503],
  ['ok', { live: 200, ready: 200, cluster: 200, 'cluster/read': 200 }, 200],
  ['degraded', { live: 200, ready: 200, cluster: 503, 'cluster/read': 200 }, 200],
] as const)('An emulator that is %s tells MinIO’s and S3Mock’s probes', async (status, minio, icon) => {
  await withDoors(controlsWith(status), async (_, port) => {
    for (const [path, expected] of Object.entries(minio)) {
      expect(await answer(port, `/minio/health/${path}`)).toEqual([expected, ''])
      expect(await answer(port, `/minio/health/${path}`, { method: 'HEAD' })).toEqual([expected, ''])
    }
    expect(await answer(port, '/favicon.ico')).toEqual([icon, ''])
  })
})

test.each([
  ['/_localstack/anything', 'localhost:4566', true],
  ['/_localstack', 'localhost:4566', true],
  ['/_localstack/health', 'uploads.s3.localhost:4566', false],
  ['/_localstacks/health', 'localhost:4566', false],
  ['/moto-api/reset', 'moto:5000', true],
  ['/moto-api/', 'moto:5000', false],
  ['/minio/health/live', 'minio:9000', true],
  ['/minio/health/live?X-Amz-Signature=1', 'minio:9000', false],
  ['/minio/health', 'minio:9000', false],
  ['/favicon.ico', 's3mock:9090', true],
  ['/favicon.ico', 'site.s3.localhost', false],
])('Whether %s at %s is a door: %j', (url, host, isDoor) => {
  const namesBucket = (name: string) => name.includes('.s3.')
  expect(isCompatiblePath({ url, headers: { host } }, namesBucket)).toBe(isDoor)
  const signed = { url, headers: { host, authorization: 'AWS4-HMAC-SHA256 Credential=…' } }
  expect(isCompatiblePath(signed, namesBucket)).toBe(false)
})

test('A client that leaves in the midst of its body is not logged as a fault', async () => {
  const logged: string[] = []
  const left = { ...controlsWith('ok'), failed: (error: Error) => void logged.push(error.message) }
  await withDoors(left, async (_, port) => {
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /_localstack/chaos/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n[')
    await answer(port, '/_localstack/init')
    socket.destroy()
    for (let question = 0; question < 5; question++) await answer(port, '/_localstack/init')
  })
  expect(logged).toEqual([])
})

test('Who waits for 100 Continue is told to go on', () =>
  withDoors(controlsWith('ok'), async (_, port) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST /_localstack/none HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
    )
    expect(String((await once(socket, 'data'))[0])).toMatch('100 Continue')
    socket.destroy()
  }))
