import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { OptionFault } from '../options.ts'
import { durationOf } from './duration.ts'
import { endpointFrom } from './endpoint.ts'
import { type HealthFlags, health } from './health.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

/** A server that gives the answers one after another, and the last one from then on. @returns its endpoint */
async function answering(...answers: [status: number, body: string][]): Promise<string> {
  let asked = 0
  const started = createServer((_, response) => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, '']
    response.writeHead(status).end(body)
  })
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  const { port } = started.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

async function told(flags: HealthFlags): Promise<{ code: number; text: string }> {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  return { code: await health(flags, {}, Date.now, write), text }
}

const well: [number, string] = [200, '{"status":"ok","version":"1.2.3","uptime":4.9}']

test('An emulator that is ready and well is 0', async () => {
  const endpoint = await answering(well)
  expect(await told({ endpoint })).toEqual({ code: 0, text: `ok: ${endpoint}, s3kms-emu 1.2.3, up 4 s\n` })
  const { text } = await told({ endpoint, json: true })
  expect(JSON.parse(text)).toEqual({ endpoint, status: 'ok', version: '1.2.3', uptime: 4.9 })
})

test('One that is degraded is 1, with the reason', async () => {
  const endpoint = await answering([200, '{"status":"degraded","reason":"the disk is full"}'])
  expect(await told({ endpoint })).toEqual({ code: 1, text: `degraded: ${endpoint}: the disk is full\n` })
})

test('Another server, and none at all, is 1', async () => {
  const endpoint = await answering([404, 'Not Found'])
  const other = await told({ endpoint })
  expect(other).toEqual({ code: 1, text: `unknown: ${endpoint}: answered 404, not as s3kms-emu does\n` })
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
  const none = await told({ endpoint, wait: 1 })
  expect(none.code).toBe(1)
  expect(none.text).toContain(`unreachable: ${endpoint}: connect ECONNREFUSED`)
})

test('With --wait it asks until all is well', async () => {
  const endpoint = await answering([503, '{"status":"starting"}'], [502, 'proxy'], well)
  expect((await told({ endpoint, wait: 600_000 })).code).toBe(0)
})

test('The endpoint follows the variables by which start listens, behind AWS_ENDPOINT_URL', () => {
  expect(endpointFrom({})).toBe('http://127.0.0.1:4566')
  expect(endpointFrom({ S3KMS_PORT: '5000', S3KMS_HOST: '0.0.0.0' })).toBe('http://127.0.0.1:5000')
  expect(endpointFrom({ S3KMS_TLS: 'true', S3KMS_HOST: '::' })).toBe('https://127.0.0.1:4566')
  expect(endpointFrom({ GATEWAY_LISTEN: '0.0.0.0:4510' })).toBe('http://127.0.0.1:4510')
  expect(endpointFrom({ GATEWAY_LISTEN: '0.0.0.0:4510', S3KMS_PORT: '5000' })).toBe('http://127.0.0.1:5000')
  expect(endpointFrom({ EDGE_PORT: '4510' })).toBe('http://127.0.0.1:4566')
  expect(endpointFrom({ EDGE_PORT: '4510', S3KMS_COMPATIBLE: 'all' })).toBe('http://127.0.0.1:4510')
  expect(endpointFrom({ GATEWAY_LISTEN: '0.0.0.0:4510', S3KMS_COMPATIBLE: 'off' })).toBe('http://127.0.0.1:4566')
  expect(endpointFrom({ S3KMS_HOST: '::1' })).toBe('http://[::1]:4566')
  expect(endpointFrom({ S3KMS_HOST: '10.0.0.7', AWS_ENDPOINT_URL: '' })).toBe('http://10.0.0.7:4566')
  expect(endpointFrom({ S3KMS_PORT: '5000', AWS_ENDPOINT_URL: 'http://emulator:80' })).toBe('http://emulator:80')
  expect(() => endpointFrom({ S3KMS_PORT: 'many' })).toThrow(OptionFault)
})

test('A duration has a unit', () => {
  expect(['30s', '500ms', '2m'].map(durationOf)).toEqual([30_000, 500, 120_000])
  for (const wrong of ['30', 's', '1.5s', '-1s', '1h']) expect(() => durationOf(wrong)).toThrow(OptionFault)
})
