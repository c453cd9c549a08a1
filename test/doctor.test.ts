import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Finding } from '../src/cli/doctor/finding.ts'
import { doctor } from '../src/cli/doctor.ts'
import { type Journey, startJourney } from './emulator.ts'

/* What the doctor finds of an emulator over TLS, with variables that are right and that are wrong. */

let journey: Journey
let other: Server
let folder: string
let pointed: NodeJS.ProcessEnv

beforeAll(async () => {
  journey = await startJourney({ tls: true })
  folder = mkdtempSync(join(tmpdir(), 's3kms-emu-doctor-'))
  writeFileSync(join(folder, 'cert.pem'), journey.certificate ?? '')
  pointed = {
    AWS_ENDPOINT_URL: journey.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CA_BUNDLE: join(folder, 'cert.pem'),
    NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'),
  }
  other = createServer((_, response) => void response.writeHead(403, { server: 'other' }).end('no'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  other.closeAllConnections()
  other.close()
  rmSync(folder, { recursive: true, force: true })
  await journey.stop()
})

async function examined(environment: NodeJS.ProcessEnv, endpoint?: string): Promise<{ code: number; found: string[] }> {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  const code = await doctor({ json: true, endpoint }, environment, () => journey.ambient.now(), write)
  const { findings }: { findings: Finding[] } = JSON.parse(text)
  return { code, found: findings.map(({ check, status, found }) => `${check} ${status}: ${found}`) }
}

test('Where all is well nothing is found at fault', async () => {
  const { code, found } = await examined(pointed)
  expect(code).toBe(0)
  expect(found).toEqual([
    `endpoint ok: ${journey.endpoint}, by AWS_ENDPOINT_URL`,
    'region ok: eu-west-1',
    'credentials ok: access key test',
    expect.stringMatching(/^health ok: s3kms-emu \d/),
    'certificate ok: AWS CLI and boto3 trust it',
    'certificate ok: programs on Node.js trust it',
    'clock ok: agrees',
    'signature ok: you are arn:aws:iam::000000000000:user/test',
    'addressing ok: path style, which SDKs take by themselves where the endpoint is an IP address',
  ])
})

test('Variables that send tools elsewhere are named, and a password of a proxy is not', async () => {
  const astray = {
    AWS_ENDPOINT_URL_S3: 'http://minio:9000',
    AWS_DEFAULT_REGION: 'us-east-1',
    HTTPS_PROXY: 'http://user:secret@proxy:3128',
    NODE_EXTRA_CA_CERTS: '',
  }
  const { code, found } = await examined({ ...pointed, ...astray })
  expect(code).toBe(0)
  expect(found).toContain('endpoint warning: AWS_ENDPOINT_URL_S3 sends tools to http://minio:9000')
  expect(found).toContainEqual(
    expect.stringMatching(/^region warning: AWS_REGION is eu-west-1, AWS_DEFAULT_REGION is us-east-1/),
  )
  expect(found).toContain(
    'proxy warning: HTTPS_PROXY sends AWS CLI and boto3 to http://proxy:3128, which may not reach 127.0.0.1',
  )
  expect(found).toContainEqual(
    expect.stringMatching(
      /^certificate warning: programs on Node.js do not trust it \(NODE_EXTRA_CA_CERTS is not set\): /,
    ),
  )
  expect((await examined({ ...pointed, ...astray, NO_PROXY: 'localhost, 127.0.0.1' })).found.join()).not.toContain(
    'proxy',
  )
})

test('Without variables tools would ask AWS itself', async () => {
  const { found } = await examined({}, journey.endpoint)
  expect(found.slice(0, 3).map((line) => line.split(':')[0])).toEqual([
    'endpoint warning',
    'region warning',
    'credentials warning',
  ])
})

test('A wrong secret is a fault of the signature', async () => {
  const wrong = await examined({ ...pointed, AWS_SECRET_ACCESS_KEY: 'wrong' })
  expect(wrong.code).toBe(1)
  expect(wrong.found).toContainEqual(expect.stringMatching(/^signature fault: SignatureDoesNotMatch: /))
})

test('Another protocol and another server are faults of the connection', async () => {
  const plain = await examined({ ...pointed, AWS_ENDPOINT_URL: journey.endpoint.replace('https', 'http') })
  expect(plain.code).toBe(1)
  expect(plain.found.at(-1)).toBe(`connection fault: what listens at 127.0.0.1:${journey.port} does not speak http`)
  const { port } = other.address() as AddressInfo
  const elsewhere = await examined({ ...pointed, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` })
  expect(elsewhere.found.at(-1)).toBe('connection fault: something answers 403 (other), not as s3kms-emu does')
  const tls = await examined({ ...pointed, AWS_ENDPOINT_URL: `https://127.0.0.1:${port}` })
  expect(tls.found.at(-1)).toBe(`connection fault: what listens at 127.0.0.1:${port} does not speak https`)
})

test('By a name it says which style of address is understood', async () => {
  const { found } = await examined({ ...pointed, AWS_ENDPOINT_URL: journey.endpoint.replace('127.0.0.1', 'localhost') })
  // Not every system resolves names below localhost.
  expect(found.at(-1)).toMatch(
    /^addressing (ok: virtual-host style and path style|warning: path style: .* is not resolved)$/,
  )
})
