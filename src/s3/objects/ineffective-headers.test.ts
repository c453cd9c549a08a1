import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { operations } from '../operations/index.ts'
import { openS3, type Reply, type S3Fixture } from '../s3.fixture.ts'
import { headersOfAppending, headersOfDeletions, headersOfNewBuckets, headersOfWrites } from './ineffective-headers.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'before' })
})
afterEach(() => s3.close())

type Headers = Record<string, string>
const mode = 'x-amz-object-lock-mode'
const until = 'x-amz-object-lock-retain-until-date'
const hold = 'x-amz-object-lock-legal-hold'
const outcome = ({ status, code }: Reply) => [status, code]

test.each<[Headers, string, string]>([
  [
    { [mode]: 'GOVERNANCE' },
    'InvalidArgument',
    'must both be supplied</Message><ArgumentName>x-amz-object-lock-retain',
  ],
  [
    { [until]: '2090-01-01T00:00:00Z' },
    'InvalidArgument',
    'must both be supplied</Message><ArgumentName>x-amz-object-lock-mode',
  ],
  [{ [mode]: 'governance', [until]: '2090-01-01T00:00:00Z' }, 'InvalidArgument', 'Unknown wormMode directive.'],
  [{ [mode]: 'GOVERNANCE', [until]: 'tomorrow' }, 'InvalidArgument', 'must be provided in ISO 8601 format'],
  [{ [mode]: 'GOVERNANCE', [until]: '2001-01-01T00:00:00Z' }, 'InvalidArgument', 'must be in the future!'],
  [{ [hold]: 'off' }, 'InvalidArgument', "Legal Hold must be either of 'ON' or 'OFF'"],
  [{ [hold]: 'OFF' }, 'InvalidRequest', 'Bucket is missing ObjectLockConfiguration'],
  [
    { [mode]: 'COMPLIANCE', [until]: '2090-01-01T00:00:00Z' },
    'InvalidRequest',
    'Bucket is missing ObjectLockConfiguration',
  ],
])('A write with %j gets S3’s own answer', async (headers, code, words) => {
  for (const [method, target] of [
    ['PUT', '/bucket/key'],
    ['POST', '/bucket/key?uploads'],
  ] as const) {
    const reply = await s3.call(method, target, { headers })
    expect(outcome(reply)).toEqual([400, code])
    expect(reply.text).toContain(words)
  }
  expect((await s3.call('GET', '/bucket/key')).text).toBe('before')
})

test.each(['true', 'false'])(
  'x-amz-bypass-governance-retention: %s on a deletion in a bucket without a lock is refused',
  async (value) => {
    const headers = { 'x-amz-bypass-governance-retention': value }
    const body = '<Delete><Object><Key>key</Key></Object></Delete>'
    const md5 = createHash('md5').update(body).digest('base64')
    for (const reply of [
      await s3.call('DELETE', '/bucket/key', { headers }),
      await s3.call('POST', '/bucket?delete', { body, headers: { ...headers, 'content-md5': md5 } }),
    ]) {
      expect(reply.status).toBe(400)
      expect(await reply.xml('Error')).toMatchObject({
        Code: 'InvalidArgument',
        Message: 'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
      })
    }
  },
)

test('Where 501 stays, the message names header and value', async () => {
  const reply = await s3.call('PUT', '/bucket/key', { headers: { 'x-amz-write-offset-bytes': '6' } })
  expect(outcome(reply)).toEqual([501, 'NotImplemented'])
  expect(reply.text).toContain('The header x-amz-write-offset-bytes: 6 is not implemented by this emulator')
})

test('An operation is deaf to the headers of features that it does not take', async () => {
  const headers = { 'x-amz-tagging': 'a=b', 'x-amz-storage-class': 'GLACIER' }
  expect((await s3.call('DELETE', '/bucket/key', { headers })).status).toBe(204)
})

interface OperationFacts {
  optional: { query: string[]; headers: string[] }
}

const model: Record<string, OperationFacts> = JSON.parse(
  readFileSync(new URL('../../../fixtures/aws/s3.json', import.meta.url), 'utf8'),
)
/** A form has the fields that PutObject has as headers. */
const modelOf = (name: string) => model[name === 'PostObject' ? 'PutObject' : name]
const features = new Set<string>([
  ...headersOfWrites,
  ...headersOfDeletions,
  ...headersOfNewBuckets,
  ...headersOfAppending,
])
/** Forms do not append. */
const known = new Set(['PostObject x-amz-write-offset-bytes'])

test('Every operation declares the headers and parameters that AWS’s model gives it', () => {
  const differences: string[] = []
  for (const { name, headers = [], addressing = [] } of operations) {
    const facts = modelOf(name)?.optional
    if (!facts) continue
    const taken = facts.headers.map((header) => header.toLowerCase()).filter((header) => features.has(header))
    const addressed = facts.query.filter((parameter) => parameter === 'versionId' || parameter === 'partNumber')
    const [declared, asModel] = [
      [...headers, ...addressing],
      [...taken, ...addressed],
    ]
    for (const one of new Set<string>([...declared, ...asModel])) {
      const isBoth = declared.some((other) => other === one) && asModel.includes(one)
      if (!isBoth && !known.has(`${name} ${one}`)) differences.push(`${name} ${one}`)
    }
  }
  expect(differences).toEqual([])
})
