import { beforeAll, expect, test } from '@jest/globals'
import { objectParts, objectRecords } from '../../s3/records/object-record.ts'
import { blobRecords } from '../../store/blob-records.ts'
import { prefixes } from '../../store/keyspace.ts'
import { firstSmallBody, smallBodies } from '../../store/small-bodies.ts'
import { type SoundStore, soundStore } from './sound-store.fixture.ts'
import { type Content, type Damage, type OpenedStore, openStoreWith } from './verify.fixture.ts'
import { verify } from './verify.ts'

/* What --repair removes, and what it does not touch. */

let sound: SoundStore

beforeAll(async () => {
  sound = await soundStore()
})

/** Two bodies that no record names. */
async function addUnreachable(damage: Damage): Promise<void> {
  await damage.put(blobRecords, [4_000_000], [[4_000_000, 1]])
  await damage.putSegment(4_000_000, Buffer.from('nobody’s'))
  await damage.put(smallBodies, [firstSmallBody + 4_000_000], 'bm9ib2R5')
}

/** All that is no setting: what runs of the services count. */
function dump({ records, bodies }: Content): Map<string, string> {
  const setting = String.fromCharCode(prefixes.setting)
  return new Map([
    ...records.filter(([name]) => !name.startsWith(setting)),
    ...bodies.map(([name, bytes]) => [`body ${name.toString('hex')}`, bytes.toString('base64')] as const),
  ])
}

async function repaired({ services, content }: OpenedStore) {
  const verification = await verify(services, { repair: true })
  await services.blobs.sweep()
  return { verification, dump: dump(await content()) }
}

test('Bodies that nothing names are removed; all else stays, byte for byte', async () => {
  const store = await openStoreWith(sound.content, addUnreachable)
  expect((await verify(store.services)).unreachable).toEqual({ bodies: 2, removed: false })
  const { verification, dump: after } = await repaired(store)
  expect(verification).toMatchObject({ ok: true, unreachable: { bodies: 2, removed: true } })
  expect(after).toEqual(dump(sound.content))
  expect(await verify(store.services)).toMatchObject({ ok: true, unreachable: { bodies: 0, removed: false } })
  await store.close()
})

test.each([
  ['a flipped bit', flipLarge, 'segment'],
  ['a body that is missing', (damage: Damage) => damage.drop(blobRecords, [blobOfLarge(damage)]), 'body'],
] as const)('Beside %s they are removed too, and the fault stays to be told', async (_, damage, kind) => {
  const store = await openStoreWith(sound.content, async (one) => {
    await addUnreachable(one)
    await damage(one)
  })
  const { verification } = await repaired(store)
  expect(verification.unreachable).toEqual({ bodies: 2, removed: true })
  const again = await verify(store.services)
  expect([again.unreachable.bodies, again.faults.map((fault) => fault.kind)]).toEqual([0, [kind]])
  await store.close()
})

test.each([
  ['an object that is no JSON', (damage: Damage) => damage.text(objectRecords, ['plain', 'large'], '{')],
  ['a list of parts that is missing', (damage: Damage) => damage.drop(objectParts, ['plain', 'full', 'null'])],
  ['a list of parts that is none', (damage: Damage) => damage.text(objectParts, ['plain', 'full', 'null'], '[7]')],
  [
    'an object under a key that is none',
    async (damage: Damage) => {
      const text = JSON.stringify(damage.get(objectRecords, ['plain', 'large']))
      await damage.drop(objectRecords, ['plain', 'large'])
      await damage.text({ ...objectRecords, prefix: '\x06' }, ['plain', 'large'], text)
    },
  ],
])('Where %s may name bodies nothing is removed', async (_, damage) => {
  const store = await openStoreWith(sound.content, damage)
  const before = dump(await store.content())
  const { verification, dump: after } = await repaired(store)
  expect(verification.unreachable).toEqual({ bodies: expect.any(Number), removed: false })
  expect(verification.unreachable.bodies).toBeGreaterThan(0)
  expect(after).toEqual(before)
  await store.close()
})

function blobOfLarge(damage: Damage): number {
  const { body } = damage.get(objectRecords, ['plain', 'large'])
  return 'blob' in body ? body.blob : -1
}

function flipLarge(damage: Damage) {
  const bytes = damage.segment(blobOfLarge(damage))
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
  return damage.putSegment(blobOfLarge(damage), bytes)
}
