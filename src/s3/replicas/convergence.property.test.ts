import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openS3, type S3Fixture } from '../s3.fixture.ts'
import { configure, createVersioned, ruleTo, versionIdOf, versionsIn } from './replication.fixture.ts'

/*
 * Two buckets that replicate to each other, written to at random, and settled now and then: in the end both have the same versions in
 * the order of their dates, each version is found by its id, and may be erased.
 */

const buckets = ['one', 'two'] as const
const keys = ['a', 'b'] as const

type Step =
  | { kind: 'put' | 'delete'; bucket: (typeof buckets)[number]; key: (typeof keys)[number] }
  | { kind: 'settle' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        bucket: fc.constantFrom(...buckets),
        key: fc.constantFrom(...keys),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('delete' as const),
        bucket: fc.constantFrom(...buckets),
        key: fc.constantFrom(...keys),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  ),
  { maxLength: 14 },
)

/** By pages of one. */
async function pagedVersionsIn(s3: S3Fixture, bucket: string): Promise<string[]> {
  const found: string[] = []
  let query = ''
  for (;;) {
    const { text } = await s3.call('GET', `/${bucket}?versions&max-keys=1${query}`)
    found.push(...(await versionsIn(s3, bucket, `&max-keys=1${query}`)))
    const [, key] = /<NextKeyMarker>(.*?)</.exec(text) ?? []
    const [, id] = /<NextVersionIdMarker>(.*?)</.exec(text) ?? []
    if (key === undefined) return found
    query = `&key-marker=${key}&version-id-marker=${id}`
  }
}

test('Buckets that replicate to each other come to the same versions', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const s3 = await openS3()
      try {
        for (const bucket of buckets) await createVersioned(s3, bucket)
        await configure(s3, 'one', ruleTo('two'))
        await configure(s3, 'two', ruleTo('one'))
        /** The newest first. */
        const written: { key: string; id: string; body: string | undefined }[] = []
        for (const [index, step] of steps.entries()) {
          s3.ambient.turn(1)
          if (step.kind === 'settle') {
            await s3.settle()
            continue
          }
          const { bucket, key } = step
          const body = step.kind === 'put' ? `body ${index}` : undefined
          const reply = await s3.call(step.kind === 'put' ? 'PUT' : 'DELETE', `/${bucket}/${key}`, { body })
          written.unshift({ key, id: versionIdOf(reply), body })
        }
        await s3.settle()
        const expected = keys.flatMap((key) =>
          written
            .filter((version) => version.key === key)
            .map(
              ({ id, body }, index) =>
                `${key} ${body ? 'Version' : 'DeleteMarker'} ${id}${index === 0 ? ' latest' : ''}`,
            ),
        )
        for (const bucket of buckets) {
          expect(await versionsIn(s3, bucket)).toEqual(expected)
          expect(await pagedVersionsIn(s3, bucket)).toEqual(expected)
          for (const { key, id, body } of written) {
            const { text, status } = await s3.call('GET', `/${bucket}/${key}?versionId=${encodeURIComponent(id)}`)
            expect([status, status === 200 ? text : undefined]).toEqual(body ? [200, body] : [405, undefined])
          }
        }
        const ids = expected.map((line) => line.split(' ').slice(0, 3))
        for (const [index, [key, , id]] of ids.entries()) {
          await s3.call('DELETE', `/one/${key}?versionId=${encodeURIComponent(id ?? '')}`)
          const left = (await versionsIn(s3, 'one')).map((line) => line.split(' ').slice(0, 3))
          expect(left).toEqual(ids.slice(index + 1))
        }
      } finally {
        await s3.close()
      }
    }),
    { numRuns: 40 },
  )
})
