import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TurnableAmbient } from '../../ambient.ts'
import { openBlobs } from '../../store/blobs.ts'
import { Database } from '../../store/database.ts'
import type { RecordKind } from '../../store/keyspace.ts'
import { type BucketRecord, BucketStore } from './buckets.ts'
import { indexedVersions } from './lifecycle-index.ts'
import { nullOrders, nullVersion, objectVersions, versionOrders } from './object-record.ts'
import { ObjectStore } from './objects.ts'
import { firstOrder, newVersionId } from './version-id.ts'

/*
 * Delete markers of a bucket's own and replicas of another bucket's, by chance, held against a list: a replica stands where its date
 * puts it, every version is found by its id and has its entry in the index of the lifecycle, and nothing is left of those that go.
 */

const key = 'key'
const bucket: BucketRecord = {
  name: 'bucket',
  region: 'us-east-1',
  ownerAccountId: '000000000000',
  creationDate: 0,
  objectOwnership: 'BucketOwnerEnforced',
  hasLifecycle: true,
}
const day = 86_400_000

type Step = { kind: 'own'; isNull: boolean } | { kind: 'replica'; age: number } | { kind: 'erase'; place: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('own' as const), isNull: fc.boolean() }),
    fc.record({ kind: fc.constant('replica' as const), age: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ kind: fc.constant('erase' as const), place: fc.nat() }),
  ),
  { maxLength: 16 },
)

interface Version {
  versionId: string
  lastModified: number
}

test('Replicas stand among the versions of a key by their dates', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const database = await Database.open({})
      const buckets = new BucketStore(database)
      const ambient = new TurnableAmbient(100 * day)
      const objects = new ObjectStore({ database, blobs: await openBlobs(database), buckets, ambient })
      let model: Version[] = []
      let written = 0
      const erase = async ({ versionId }: Version) => {
        model = model.filter((version) => version.versionId !== versionId)
        await objects.change('bucket', key, (transaction) => objects.erase(transaction, 'bucket', key, versionId))
      }
      for (const step of steps) {
        ambient.turn(day / 2)
        const now = ambient.now()
        if (step.kind === 'own') {
          const versioning = step.isNull ? 'Suspended' : 'Enabled'
          await database.transact((transaction) => buckets.put(transaction, { ...bucket, versioning }))
          const { versionId } = await objects.change('bucket', key, (transaction, _, record) =>
            objects.putMarker(transaction, record, key),
          )
          model = [{ versionId, lastModified: now }, ...model.filter((version) => version.versionId !== versionId)]
        } else if (step.kind === 'replica') {
          const order = firstOrder - 1 - written++
          const replica = {
            versionId: newVersionId(order, ambient.randomBytes(13)),
            lastModified: now - step.age * day - 1,
          }
          const isBehind = model.findIndex(({ lastModified }) => lastModified <= replica.lastModified)
          model.splice(isBehind < 0 ? model.length : isBehind, 0, replica)
          await database.transact((transaction) => buckets.put(transaction, { ...bucket, versioning: 'Enabled' }))
          await objects.change('bucket', key, (transaction, _, record) =>
            objects.putReplicaMarker(transaction, record, key, {
              ...replica,
              ownerAccountId: '',
              isDeleteMarker: true,
            }),
          )
        } else {
          const found = model[step.place % Math.max(1, model.length)]
          if (found) await erase(found)
        }
        await compare()
      }
      for (const version of model) await erase(version)
      await compare()
      const kinds: RecordKind<unknown>[] = [objectVersions, versionOrders, nullOrders, indexedVersions]
      for (const kind of kinds) {
        for await (const _ of database.entries(kind)) throw new Error(`something of ${kind.name} is left`)
      }
      await database.close()

      async function compare() {
        const found: (Version & { order?: number })[] = []
        for await (const version of objects.versions('bucket', key)) found.push(version)
        expect(found.map(({ versionId }) => versionId)).toEqual(model.map(({ versionId }) => versionId))
        for (const { versionId } of model)
          expect(objects.version('bucket', key, versionId)).toMatchObject({ versionId })
        const indexed: unknown[] = []
        for await (const { key } of database.entries(indexedVersions)) indexed.push(`${key[1]} ${key[3]}`)
        const expected = found.map(({ lastModified, order }) => `${Math.ceil(lastModified / day)} ${order}`)
        expect(indexed.sort()).toEqual(expected.sort())
        expect(model.filter(({ versionId }) => versionId === nullVersion).length).toBeLessThan(2)
      }
    }),
    { numRuns: 150 },
  )
})
