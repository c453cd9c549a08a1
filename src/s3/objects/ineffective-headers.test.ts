import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { operations } from '../operations/index.ts'
import { openS3, type Reply, type S3Fixture } from '../s3.fixture.ts'
import { headersOfAppending, headersOfDeletions } from './ineffective-headers.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'before' })
})
afterEach(() => s3.close())

const outcome = ({ status, code }: Reply) => [status, code]

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
const features = new Set<string>([...headersOfDeletions, ...headersOfAppending])
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
