import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { PartType } from '../../store/keyspace.ts'
import { ageDay, indexedVersions } from '../records/lifecycle-index.ts'
import { currentMarkers, type ObjectVersion, objectRecords, objectVersions } from '../records/object-record.ts'
import { orderOf } from '../records/versions.ts'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

/*
 * A bucket's lifecycle, day by day through the endpoint, held against lists of versions that are gone through at midnight. The rules come
 * when there are versions already, may be away for some days, and the index has an entry for each version, no more.
 */

const keys = ['a/1', 'a/2', 'b/1'] as const
const day = 86_400_000

interface Rule {
  prefix: string
  expiration?: number
  noncurrent?: number
  newer?: number
  loneMarkers: boolean
}

interface Write {
  key: (typeof keys)[number]
  /** Days for which it is locked, where versions can be. */
  locked: number | undefined
}

interface Day {
  writes: Write[]
  removals: (typeof keys)[number][]
  /** Versions that are erased: of a key the first, the second … */
  erasures: { key: (typeof keys)[number]; nth: number }[]
}

const some = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })
const rules: fc.Arbitrary<Rule[]> = fc.array(
  fc
    .record({
      prefix: fc.constantFrom('', 'a/', 'b/', 'a/1'),
      expiration: some,
      noncurrent: some,
      newer: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
      loneMarkers: fc.boolean(),
    })
    .filter(({ expiration, noncurrent, loneMarkers }) => (expiration ?? noncurrent) !== undefined || loneMarkers)
    .map((rule) => ({ ...rule, loneMarkers: rule.loneMarkers && rule.expiration === undefined })),
  { minLength: 1, maxLength: 3 },
)
const actions = fc.array(fc.constantFrom(...keys), { maxLength: 2 })
const aDay: fc.Arbitrary<Day> = fc.record({
  writes: fc.array(
    fc.record({
      key: fc.constantFrom(...keys),
      locked: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    }),
    { maxLength: 2 },
  ),
  removals: actions,
  erasures: fc.array(fc.record({ key: fc.constantFrom(...keys), nth: fc.nat({ max: 2 }) }), { maxLength: 2 }),
})
const days = fc.array(aDay, { minLength: 3, maxLength: 8 })

/** From which day on there are rules, and on which of the days behind it there are none. */
const ruled = fc.record({
  from: fc.integer({ min: 0, max: 4 }),
  away: fc.option(fc.record({ after: fc.integer({ min: 1, max: 2 }), days: fc.integer({ min: 1, max: 2 }) }), {
    nil: undefined,
  }),
})

/** A version of the model: on which day it was written, about noon. */
interface Version {
  day: number
  isMarker: boolean
  isNull?: boolean
  /** The midnight at which its lock ends; undefined: there is none. */
  unlocked?: number
}

/** On which day versions begin to be kept, and on which no longer; undefined: never. */
const versioned = fc.option(
  fc.record({
    from: fc.integer({ min: 0, max: 1 }),
    until: fc.option(fc.integer({ min: 2, max: 5 }), { nil: undefined }),
  }),
  { nil: undefined },
)

class Model {
  readonly rules: readonly Rule[]
  versioning: 'Enabled' | 'Suspended' | undefined
  readonly #histories = new Map<string, Version[]>()

  constructor(rules: readonly Rule[]) {
    this.rules = rules
  }

  of(key: string): Version[] {
    return this.#histories.get(key) ?? []
  }

  add(key: string, version: Version): void {
    if (this.versioning === 'Enabled') this.#histories.set(key, [version, ...this.of(key)])
    else if (this.versioning === 'Suspended') {
      const others = this.of(key).filter(({ isNull }) => !isNull)
      this.#histories.set(key, [{ ...version, isNull: true }, ...others])
    } else this.#histories.set(key, version.isMarker ? [] : [{ ...version, isNull: true }])
  }

  /** @returns whether there is such a version that nothing locks: it is gone then */
  erase(key: string, nth: number, today: number): boolean {
    const version = this.of(key)[nth]
    if (!version || (version.unlocked ?? 0) > today) return false
    this.#histories.set(
      key,
      this.of(key).filter((other) => other !== version),
    )
    return true
  }

  /** What is done at the beginning of a day. */
  begin(today: number): void {
    for (const key of keys) {
      const rules = this.rules.filter(({ prefix }) => key.startsWith(prefix))
      // What was written at noon is a day old at the second midnight.
      const isOver = (since: number, days: number | undefined) => days !== undefined && today >= since + days + 1
      const [current] = this.of(key)
      if (!current) continue
      const isExpired = rules.some(({ expiration }) => isOver(current.day, expiration))
      if (isExpired && !current.isMarker) this.add(key, { day: today, isMarker: true })
      const left = this.of(key).filter((_, index, all) => {
        const since = all[index - 1]?.day
        if (since === undefined) return true
        const isLocked = (all[index]?.unlocked ?? 0) > today
        return isLocked || !rules.some(({ noncurrent, newer = 0 }) => isOver(since, noncurrent) && index - 1 >= newer)
      })
      const [only, ...others] = left
      const isLone = only?.isMarker === true && others.length === 0
      const goes = isLone && rules.some((rule) => rule.loneMarkers || isOver(only.day, rule.expiration))
      this.#histories.set(key, goes ? [] : left)
    }
  }
}

async function configure(s3: S3Fixture, rules: readonly Rule[]): Promise<void> {
  const elements = rules.map(({ prefix, expiration, noncurrent, newer, loneMarkers }) => {
    const count = newer === undefined ? '' : `<NewerNoncurrentVersions>${newer}</NewerNoncurrentVersions>`
    return [
      `<Rule><Filter><Prefix>${prefix}</Prefix></Filter><Status>Enabled</Status>`,
      expiration === undefined ? '' : `<Expiration><Days>${expiration}</Days></Expiration>`,
      loneMarkers ? '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>' : '',
      noncurrent === undefined
        ? ''
        : `<NoncurrentVersionExpiration><NoncurrentDays>${noncurrent}</NoncurrentDays>${count}</NoncurrentVersionExpiration>`,
      '</Rule>',
    ].join('')
  })
  const body = `<LifecycleConfiguration>${elements.join('')}</LifecycleConfiguration>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  expect(await s3.call('PUT', '/bucket?lifecycle', { body, headers })).toMatchObject({ status: 200 })
}

/** Kinds of a key's versions, the newest first. */
async function kindsOf(s3: S3Fixture): Promise<string[]> {
  const { text } = await s3.call('GET', '/bucket?versions')
  return [...text.matchAll(/<(Version|DeleteMarker)><Key>(.*?)<\/Key>/g)].map(([, kind, key]) => `${key} ${kind}`)
}

function expected(model: Model): string[] {
  return keys.flatMap((key) => model.of(key).map(({ isMarker }) => `${key} ${isMarker ? 'DeleteMarker' : 'Version'}`))
}

async function keepVersions(s3: S3Fixture, model: Model, status: 'Enabled' | 'Suspended'): Promise<void> {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`
  expect(await s3.call('PUT', '/bucket?versioning', { body })).toMatchObject({ status: 200 })
  model.versioning = status
}

/** Writes, removes and erases, in the bucket as in the model. @param isLockable whether versions can be locked */
async function goThrough(s3: S3Fixture, model: Model, today: number, day: Day, isLockable: boolean): Promise<void> {
  for (const { key, locked } of day.writes) {
    const unlocked = isLockable && locked !== undefined ? today + locked : undefined
    const headers: Record<string, string> = unlocked === undefined ? {} : lockHeaders(s3, locked ?? 0)
    expect(await s3.call('PUT', `/bucket/${key}`, { body: 'x', headers })).toMatchObject({ status: 200 })
    model.add(key, { day: today, isMarker: false, unlocked })
  }
  for (const key of day.removals) {
    await s3.call('DELETE', `/bucket/${key}`)
    model.add(key, { day: today, isMarker: true })
  }
  for (const { key, nth } of day.erasures) {
    const { text } = await s3.call('GET', `/bucket?versions&prefix=${key}`)
    const id = [...text.matchAll(/<VersionId>(.*?)</g)][nth]?.[1]
    if (id === undefined) continue
    const { status } = await s3.call('DELETE', `/bucket/${key}?versionId=${id}`)
    expect(status === 204).toBe(model.erase(key, nth, today))
  }
}

/** Of a version that is locked until the midnight with which a day begins. */
function lockHeaders({ ambient }: S3Fixture, days: number): Record<string, string> {
  const midnight = ambient.now() - (ambient.now() % day) + days * day
  return {
    'content-md5': createHash('md5').update('x').digest('base64'),
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': new Date(midnight).toISOString(),
  }
}

async function unconfigure(s3: S3Fixture): Promise<void> {
  expect(await s3.call('DELETE', '/bucket?lifecycle')).toMatchObject({ status: 204 })
}

/** What the index has, and what it must have. */
async function indexIn({ database }: S3Fixture): Promise<{ entries: string[]; versions: string[] }> {
  const entries: string[] = []
  for await (const { key } of database.entries(indexedVersions)) entries.push(key.join(' '))
  const versions: string[] = []
  for (const kind of [objectRecords, currentMarkers, objectVersions]) {
    for await (const { key, value } of database.entries<ObjectVersion, readonly PartType[]>(kind)) {
      versions.push([key[0], ageDay(value.lastModified), key[1], orderOf(value)].join(' '))
    }
  }
  return { entries: entries.sort(), versions: versions.sort() }
}

test('After each day there is what the rules leave', async () => {
  await fc.assert(
    fc.asyncProperty(
      rules,
      days,
      versioned,
      fc.boolean(),
      ruled,
      async (rules, days, versioned, isLockable, { from, away }) => {
        const s3 = await openS3()
        try {
          const headers: Record<string, string> = isLockable ? { 'x-amz-bucket-object-lock-enabled': 'true' } : {}
          await s3.call('PUT', '/bucket', { headers })
          s3.ambient.turn(day - (s3.ambient.now() % day) + day / 2)
          const gone = from + (away?.after ?? 100)
          const back = gone + (away?.days ?? 0)
          const model = new Model(rules)
          if (isLockable) model.versioning = 'Enabled'
          const quiet: Day = { writes: [], removals: [], erasures: [] }
          for (const [today, oneDay] of [...days, quiet, quiet, quiet].entries()) {
            if (!isLockable && today === versioned?.from) await keepVersions(s3, model, 'Enabled')
            if (!isLockable && today === versioned?.until) await keepVersions(s3, model, 'Suspended')
            if (today === from || today === back) await configure(s3, rules)
            if (today === gone) await unconfigure(s3)
            await s3.settle()
            if (today >= from && (today < gone || today >= back)) {
              model.begin(today)
              const { entries, versions } = await indexIn(s3)
              expect(entries).toEqual(versions)
            }
            expect(await kindsOf(s3)).toEqual(expected(model))
            await goThrough(s3, model, today, oneDay, isLockable)
            s3.ambient.turn(day)
          }
        } finally {
          await s3.close()
        }
      },
    ),
    { numRuns: 60 },
  )
})
