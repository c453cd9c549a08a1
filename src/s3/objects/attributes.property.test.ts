import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

/* Tags, classes and restored copies of a few objects through a random history, against a model that keeps what was asked. */

const hour = 3_600_000
const day = 24 * hour
const keys = ['a', 'b'] as const
type Key = (typeof keys)[number]
const classes = ['STANDARD', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE'] as const
type Class = (typeof classes)[number]

interface Modelled {
  tags: Record<string, string>
  storageClass: Class
  /** When a copy comes and goes. */
  copy?: { from: number; until: number }
}
type Model = Map<Key, Modelled>

type Step =
  | { does: 'put'; key: Key; tags: Record<string, string>; storageClass: Class }
  | { does: 'copy'; key: Key; to: Key; tags: Record<string, string> | undefined; storageClass: Class }
  | { does: 'tag'; key: Key; tags: Record<string, string> }
  | { does: 'untag' | 'delete'; key: Key }
  | { does: 'restore'; key: Key; days: number }
  | { does: 'wait'; hours: number }

const key = fc.constantFrom(...keys)
const storageClass = fc.constantFrom(...classes)
const tags = fc.dictionary(
  fc.constantFrom('k', 'k 2', 'é', '__proto__', 'constructor'),
  fc.constantFrom('', 'v', 'ü/@='),
  {
    maxKeys: 3,
  },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant('put' as const), key, tags, storageClass }),
  fc.record({
    does: fc.constant('copy' as const),
    key,
    to: key,
    tags: fc.option(tags, { nil: undefined }),
    storageClass,
  }),
  fc.record({ does: fc.constant('tag' as const), key, tags }),
  fc.record({ does: fc.constantFrom('untag' as const, 'delete' as const), key }),
  fc.record({ does: fc.constant('restore' as const), key, days: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ does: fc.constant('wait' as const), hours: fc.constantFrom(1, 6, 30) }),
)

const isArchived = ({ storageClass }: Modelled) => storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'
const isThere = ({ copy }: Modelled, now: number) => copy !== undefined && copy.from <= now && now < copy.until
const isReadable = (object: Modelled, now: number) => !isArchived(object) || isThere(object, now)
const headerOf = (given: Record<string, string>) => new URLSearchParams(Object.entries(given)).toString()
const midnightAfter = (time: number) => Math.ceil(time / day) * day

async function perform(s3: S3Fixture, model: Model, step: Step): Promise<void> {
  const now = s3.ambient.now()
  if (step.does === 'wait') {
    s3.ambient.turn(step.hours * hour)
    return
  }
  const target = `/bucket/${step.key}`
  const object = model.get(step.key)
  if (step.does === 'put') {
    const headers = { 'x-amz-tagging': headerOf(step.tags), 'x-amz-storage-class': step.storageClass }
    expect((await s3.call('PUT', target, { headers, body: 'x' })).status).toBe(200)
    model.set(step.key, { tags: step.tags, storageClass: step.storageClass })
  } else if (step.does === 'copy') {
    const replacing = step.tags && { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': headerOf(step.tags) }
    const headers = { 'x-amz-copy-source': target, 'x-amz-storage-class': step.storageClass, ...replacing }
    const expected = !object ? 404 : isReadable(object, now) ? 200 : 403
    expect((await s3.call('PUT', `/bucket/${step.to}`, { headers })).status).toBe(expected)
    if (object && expected === 200) {
      model.set(step.to, { tags: step.tags ?? object.tags, storageClass: step.storageClass })
    }
  } else if (step.does === 'delete') {
    await s3.call('DELETE', target)
    model.delete(step.key)
  } else if (step.does === 'restore') {
    await restore(s3, object, step, now)
  } else {
    await setTags(s3, object, step)
  }
}

async function restore(s3: S3Fixture, object: Modelled | undefined, step: { key: Key; days: number }, now: number) {
  const body = `<RestoreRequest><Days>${step.days}</Days></RestoreRequest>`
  const { status } = await s3.call('POST', `/bucket/${step.key}?restore`, { body })
  if (!object || !isArchived(object)) {
    expect(status).toBe(object ? 403 : 404)
  } else if (object.copy && now < object.copy.from) {
    expect(status).toBe(409)
  } else if (isThere(object, now)) {
    expect(status).toBe(200)
    object.copy = { from: now, until: midnightAfter(now + step.days * day) }
  } else {
    expect(status).toBe(202)
    const from = now + (object.storageClass === 'GLACIER' ? 5 : 12) * hour
    object.copy = { from, until: midnightAfter(from + step.days * day) }
  }
}

async function setTags(s3: S3Fixture, object: Modelled | undefined, step: Step & { does: 'tag' | 'untag' | 'delete' }) {
  const given = 'tags' in step ? step.tags : {}
  const all = Object.entries(given).map(([name, value]) => `<Tag><Key>${name}</Key><Value>${value}</Value></Tag>`)
  const body = step.does === 'tag' ? `<Tagging><TagSet>${all.join('')}</TagSet></Tagging>` : undefined
  const method = step.does === 'tag' ? 'PUT' : 'DELETE'
  const { status } = await s3.call(method, `/bucket/${step.key}?tagging`, { body })
  const done = method === 'PUT' ? 200 : 204
  expect(status).toBe(object ? done : 404)
  if (object) object.tags = given
}

function restoreHeader({ copy }: Modelled, now: number): string | null {
  if (!copy || now >= copy.until) return null
  if (now < copy.from) return 'ongoing-request="true"'
  return `ongoing-request="false", expiry-date="${new Date(copy.until).toUTCString()}"`
}

async function compare(s3: S3Fixture, model: Model): Promise<void> {
  const now = s3.ambient.now()
  for (const key of keys) {
    const object = model.get(key)
    const [head, read, listed] = await Promise.all([
      s3.call('HEAD', `/bucket/${key}`),
      s3.call('GET', `/bucket/${key}`),
      s3.call('GET', `/bucket/${key}?tagging`),
    ])
    if (!object) {
      expect([head.status, read.status, listed.status]).toEqual([404, 404, 404])
      continue
    }
    expect([head.status, read.status]).toEqual([200, isReadable(object, now) ? 200 : 403])
    const { storageClass, tags } = object
    const told = ['x-amz-storage-class', 'x-amz-tagging-count', 'x-amz-restore'].map((name) => head.headers.get(name))
    const count = Object.keys(tags).length
    const shown = storageClass === 'STANDARD' ? null : storageClass
    expect(told).toEqual([shown, count === 0 ? null : String(count), restoreHeader(object, now)])
    const found = [...listed.text.matchAll(/<Key>(.*?)<\/Key><Value>(.*?)<\/Value>/g)].map(([, name, value]) => [
      name,
      value,
    ])
    expect(new Map(found as [string, string][])).toEqual(new Map(Object.entries(tags)))
  }
}

test('Tags, classes and restored copies are what the history made of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (history) => {
      const s3 = await openS3()
      try {
        await s3.call('PUT', '/bucket')
        const model: Model = new Map()
        for (const one of history) {
          await perform(s3, model, one)
          await compare(s3, model)
        }
      } finally {
        await s3.close()
      }
    }),
    { numRuns: 25 },
  )
})
