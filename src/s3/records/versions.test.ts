import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TurnableAmbient } from '../../ambient.ts'
import { stored } from '../../store/blobs.fixture.ts'
import { openBlobs } from '../../store/blobs.ts'
import { Database, type DatabaseOptions, settings } from '../../store/database.ts'
import { openStorage } from '../../store/storage.ts'
import { type BucketRecord, BucketStore } from './buckets.ts'
import {
  currentMarkers,
  isMarker,
  nullOrders,
  nullVersion,
  type ObjectDraft,
  objectParts,
  objectRecords,
  objectVersions,
  versionOrders,
} from './object-record.ts'
import { ObjectStore } from './objects.ts'
import { firstOrder, newVersionId } from './version-id.ts'

const key = 'a key'
const bucket: BucketRecord = {
  name: 'bucket',
  region: 'us-east-1',
  ownerAccountId: '000000000000',
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced',
}

async function openStore(options: DatabaseOptions = {}) {
  const database = await Database.open(options)
  const blobs = await openBlobs(database)
  const buckets = new BucketStore(database)
  const ambient = new TurnableAmbient(0)
  const objects = new ObjectStore({ database, blobs, buckets, ambient })
  const setVersioning = (versioning: BucketRecord['versioning']) =>
    database.transact((transaction) => buckets.put(transaction, { ...bucket, versioning }))
  await setVersioning(undefined)
  return { database, blobs, objects, ambient, setVersioning }
}

type Store = Awaited<ReturnType<typeof openStore>>

/** Writes an object of one or two bodies, told apart by its ETag. */
async function write({ objects, blobs }: Store, etag: string, bodyCount = 1): Promise<string> {
  async function* segments() {
    yield Buffer.from(etag)
  }
  const written = await Promise.all(Array.from({ length: bodyCount }, () => blobs.write(segments())))
  const bodies = written.map(({ id }, index) => ({ number: index + 1, blob: id, salt: '', size: 1 }))
  const draft: ObjectDraft = {
    bodies,
    record: {
      size: bodyCount,
      etag,
      ownerAccountId: bucket.ownerAccountId,
      attributes: undefined,
      systemMetadata: {},
      userMetadata: {},
      uploadId: bodyCount > 1 ? 'upload' : undefined,
    },
    seal: (versionId) => ({ envelope: { scheme: 'none', fields: {} }, manifest: `of ${versionId}` }),
  }
  return objects.change(bucket.name, key, (transaction, existing, record) => {
    for (const blob of written) blobs.keep(transaction, blob)
    return objects.put(transaction, record, key, draft, existing).versionId
  })
}

function mark({ objects }: Store): Promise<string> {
  return objects.change(bucket.name, key, (transaction, _existing, record) => {
    return objects.putMarker(transaction, record, key).versionId
  })
}

function erase({ objects }: Store, versionId: string): Promise<boolean> {
  return objects.change(bucket.name, key, async (transaction) => {
    return (await objects.erase(transaction, bucket.name, key, versionId)) !== undefined
  })
}

async function idsAndContents({ objects }: Store): Promise<string[]> {
  const versions: string[] = []
  for await (const version of objects.versions(bucket.name, key)) {
    versions.push(`${version.versionId} ${isMarker(version) ? 'marker' : version.etag}`)
  }
  return versions
}

type Step =
  | { kind: 'write'; bodies: 1 | 2 }
  | { kind: 'mark' }
  | { kind: 'erase'; which: number }
  | { kind: 'enable' }
  | { kind: 'suspend' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.constantFrom<Step>({ kind: 'write', bodies: 1 }, { kind: 'write', bodies: 2 }, { kind: 'mark' }),
    fc.nat({ max: 6 }).map((which): Step => ({ kind: 'erase', which })),
    fc.constantFrom<Step>({ kind: 'enable' }, { kind: 'suspend' }),
  ),
  { maxLength: 25 },
)

test('A key has the versions that a list of them would have, whatever was written, marked, erased, enabled and suspended', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const store = await openStore()
      let versioning: BucketRecord['versioning']
      let model: { id: string; says: string }[] = []
      const put = (id: string, says: string) => {
        model = [{ id, says }, ...model.filter((version) => id !== nullVersion || version.id !== nullVersion)]
      }
      for (const [index, step] of history.entries()) {
        if (step.kind === 'enable' || step.kind === 'suspend') {
          if (step.kind === 'suspend' && versioning === undefined) continue
          versioning = step.kind === 'enable' ? 'Enabled' : 'Suspended'
          await store.setVersioning(versioning)
        }
        if (step.kind === 'write') put(await write(store, `v${index}`, step.bodies), `v${index}`)
        if (step.kind === 'mark' && versioning !== undefined) put(await mark(store), 'marker')
        if (step.kind === 'erase') {
          const id = model[step.which]?.id ?? nullVersion
          expect(await erase(store, id)).toBe(model.some((version) => version.id === id))
          model = model.filter((version) => version.id !== id)
        }
        expect(await idsAndContents(store)).toEqual(model.map(({ id, says }) => `${id} ${says}`))
        expect(new Set(model.map(({ id }) => id)).size).toBe(model.length)
      }
      for (const { id, says } of model) {
        const version = store.objects.version(bucket.name, key, id)
        expect(version && 'record' in version ? version.record.etag : 'marker').toBe(says)
      }
      const [newest] = model
      expect(store.objects.find(bucket.name, key)?.record.etag).toBe(
        newest?.says === 'marker' ? undefined : newest?.says,
      )
      expect(await store.objects.isEmpty(bucket.name)).toBe(model.length === 0)
      await expectNothingLeftOver(store, model.length)
    }),
    { numRuns: 60 },
  )
})

/** No order, id or list of bodies without its version, and no blob without its object. */
async function expectNothingLeftOver({ database, blobs, objects }: Store, versions: number): Promise<void> {
  expect(await count(database.entries(objectVersions))).toBe(Math.max(0, versions - 1))
  const current = (await count(database.entries(objectRecords))) + (await count(database.entries(currentMarkers)))
  expect(current).toBe(Math.min(1, versions))
  let [partLists, bodies, nulls, seen] = [0, 0, 0, 0]
  for await (const version of objects.versions(bucket.name, key)) {
    if (seen++ > 0 && version.versionId === nullVersion) nulls++
    if (isMarker(version)) continue
    const stored = objects.version(bucket.name, key, version.versionId)
    bodies += stored && 'bodies' in stored ? stored.bodies.length : 0
    if (version.uploadId !== undefined) partLists++
  }
  expect(await count(database.entries(nullOrders))).toBe(nulls)
  expect(await count(database.entries(objectParts))).toBe(partLists)
  await blobs.sweep()
  expect(await stored(database)).toBe(bodies)
}

async function count(entries: AsyncIterable<unknown>): Promise<number> {
  let found = 0
  for await (const _ of entries) found++
  return found
}

test('A version is sealed to the id that it is given under the lock', async () => {
  const store = await openStore()
  await store.setVersioning('Enabled')
  const id = await write(store, 'one')
  expect(id).toMatch(/^[\w.]{32}$/)
  const version = store.objects.version(bucket.name, key, id)
  expect(version).toMatchObject({ record: { manifest: `of ${id}`, versionId: id } })
})

test('Every member that an object may have survives its commit', async () => {
  const store = await openStore()
  await write(store, 'one', 2)
  const object = store.objects.find(bucket.name, key)
  expect(object?.record).toMatchObject({ etag: 'one', size: 2, uploadId: 'upload', body: { partCount: 2 } })
  expect(object?.bodies.map(({ number }) => number)).toEqual([1, 2])
})

test('Bodies of an object that is read stay until the reader is done, versions or not', async () => {
  const store = await openStore()
  await write(store, 'one')
  const found = store.objects.find(bucket.name, key)
  if (!found) throw new Error('The object is gone')
  const object = store.objects.pin(found)
  await write(store, 'two')
  await store.blobs.sweep()
  expect(await stored(store.database)).toBe(2)
  object.release()
  await store.blobs.sweep()
  expect(await stored(store.database)).toBe(1)
})

/** A store whose databases take their time to say that a batch is written. */
async function openSlowStore() {
  const { levels } = await openStorage(undefined)
  const [records] = levels
  const batch = records.batch.bind(records)
  let look: (() => void) | undefined
  const slowBatch = () => {
    const chained = batch()
    const write = chained.write.bind(chained)
    return Object.assign(chained, {
      write: async () => {
        await write()
        look?.()
      },
    })
  }
  Object.assign(records, { batch: slowBatch })
  const store = await openStore({ storage: { levels } })
  /** Forgets what memory knows of the records, and from then on looks whenever a batch is written, and not shown yet. */
  const lookWhenWritten = async (next: () => void) => {
    look = undefined
    await store.database.transact((transaction) => {
      for (let number = 0; number <= keptRecords; number++) transaction.put(settings, [`number ${number}`], number)
    })
    look = next
  }
  return { ...store, lookWhenWritten }
}

/** So many records are kept in memory at most. */
const keptRecords = 2048

test('A version is found also at the moment at which the one before it is erased, be it the null version', async () => {
  const store = await openSlowStore()
  const { objects, setVersioning, lookWhenWritten } = store
  const first = await write(store, 'first')
  await setVersioning('Enabled')
  const ids = [first, await write(store, 'second'), await write(store, 'third')]
  for (let erased = ids.pop(); erased !== undefined && ids.length > 0; erased = ids.pop()) {
    const versionId = erased
    const found: boolean[] = []
    await lookWhenWritten(() => {
      found.push(...ids.map((id) => objects.version(bucket.name, key, id) !== undefined))
    })
    await objects.change(bucket.name, key, (transaction) => objects.erase(transaction, bucket.name, key, versionId))
    expect(found).toEqual(ids.map(() => true))
  }
})

test('Versions are found also at the moment at which a replica takes its place below them', async () => {
  const store = await openSlowStore()
  const { objects, setVersioning, ambient, lookWhenWritten } = store
  const first = await write(store, 'first')
  await setVersioning('Enabled')
  ambient.turn(10)
  const ids = [first, await write(store, 'second'), await write(store, 'third'), await write(store, 'fourth')]
  // The second time, readers that know where versions lie, and not what lies there.
  for (const lastModified of [8, 9]) {
    const versionId = newVersionId(firstOrder - 50 + lastModified, Buffer.alloc(13, lastModified))
    const found: boolean[] = []
    await lookWhenWritten(() => {
      found.push(...ids.map((id) => objects.version(bucket.name, key, id) !== undefined))
    })
    for (const id of ids) store.database.get(versionOrders, [bucket.name, key, id])
    const marker = { versionId, lastModified, ownerAccountId: '', isDeleteMarker: true } as const
    await objects.change(bucket.name, key, (transaction, _, record) =>
      objects.putReplicaMarker(transaction, record, key, marker),
    )
    expect(found).toEqual(ids.map(() => true))
    ids.push(versionId)
  }
})

test('The parts of an object are found also at the moment at which it is replaced, however many they are', async () => {
  const store = await openSlowStore()
  const { objects, lookWhenWritten } = store
  await write(store, 'first', 300)
  const found: unknown[] = []
  await lookWhenWritten(() => {
    const object = objects.find(bucket.name, key)
    found.push([object?.record.size, object?.bodies.length])
  })
  await write(store, 'second', 2)
  expect(found.length).toBeGreaterThan(0)
  expect(new Set(found.map(String))).toEqual(new Set(['300,300']))
  expect(objects.find(bucket.name, key)?.bodies).toHaveLength(2)
})
