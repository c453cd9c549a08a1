import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

/* Configurations of several ids, put, replaced, deleted and listed, held against a map of each bucket. */

const ids = fc.constantFrom('a', 'a.b', 'a-b', 'a_b', 'A', 'ab', 'b')
const buckets = fc.constantFrom('one', 'one-more')
const steps = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), bucket: buckets, id: ids, prefix: fc.constantFrom('x', 'y') }),
  fc.record({ kind: fc.constant('delete' as const), bucket: buckets, id: ids }),
  fc.record({ kind: fc.constant('remake' as const), bucket: buckets }),
)

type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never
type Model = Map<string, Map<string, string>>

async function listed(s3: S3Fixture, bucket: string): Promise<[string, string][]> {
  const { text } = await s3.call('GET', `/${bucket}?metrics`)
  const found = text.matchAll(/<Id>(.*?)<\/Id><Filter><Prefix>(.*?)<\/Prefix>/g)
  return [...found].map(([, id = '', prefix = '']) => [id, prefix])
}

async function take(s3: S3Fixture, model: Model, step: Step): Promise<void> {
  const own = model.get(step.bucket) ?? new Map<string, string>()
  model.set(step.bucket, own)
  if (step.kind === 'remake') {
    await s3.call('DELETE', `/${step.bucket}`)
    await s3.call('PUT', `/${step.bucket}`)
    own.clear()
    return
  }
  const target = `/${step.bucket}?metrics&id=${step.id}`
  if (step.kind === 'delete') {
    expect((await s3.call('DELETE', target)).status).toBe(own.delete(step.id) ? 204 : 404)
    return
  }
  const body = `<MetricsConfiguration><Id>${step.id}</Id><Filter><Prefix>${step.prefix}</Prefix></Filter></MetricsConfiguration>`
  expect((await s3.call('PUT', target, { body })).status).toBe(204)
  own.set(step.id, step.prefix)
}

test('What is listed is what was put last and not deleted, by id, in each bucket', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 12 }), async (taken) => {
      const s3 = await openS3()
      try {
        for (const bucket of ['one', 'one-more']) await s3.call('PUT', `/${bucket}`)
        const model: Model = new Map()
        for (const step of taken) await take(s3, model, step)
        for (const [bucket, own] of model) {
          const expected = [...own].sort(([a], [b]) => (a < b ? -1 : 1))
          expect(await listed(s3, bucket)).toEqual(expected)
        }
      } finally {
        await s3.close()
      }
    }),
    { numRuns: 30 },
  )
})
