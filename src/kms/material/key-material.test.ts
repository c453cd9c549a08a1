import { createHmac, randomBytes } from 'node:crypto'
import { afterEach, expect, test } from '@jest/globals'
import { TurnableAmbient } from '../../ambient.ts'
import { openRootKey } from '../../root-key.ts'
import { Database } from '../../store/database.ts'
import type { KeyRecord } from '../keys/key.ts'
import { accountId, region } from '../kms.fixture.ts'
import { KeyMaterials, materialIdOf } from './key-material.ts'

const key: KeyRecord = {
  ...{ keyId: 'k', accountId, region, description: '', creationDate: 0, enabled: true, policy: '', tags: [] },
  ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', keyManager: 'CUSTOMER' },
}
const external: KeyRecord = { ...key, origin: 'EXTERNAL' }
let databases: Database[] = []
afterEach(async () => {
  for (const database of databases) await database.close()
  databases = []
})

async function opened() {
  const database = await Database.open({})
  databases.push(database)
  const ambient = new TurnableAmbient()
  const rootKey = await openRootKey(database, ambient)
  const materials = new KeyMaterials(rootKey, ambient)
  const keep = (owner: KeyRecord, material: Buffer) =>
    database.transact(async (transaction) => materials.keep(transaction, owner, material))
  const keptOf = async (owner: KeyRecord) => {
    const ids: string[] = []
    for await (const id of materials.kept(database, owner)) ids.push(id)
    return ids.sort()
  }
  return { database, materials, keep, keptOf, anew: () => new KeyMaterials(rootKey, ambient) }
}

test('New material is 32 random bytes unless told, and is found by its id', async () => {
  const { database, materials, anew } = await opened()
  const [id, long] = await database.transact(async (transaction) => [
    materials.create(transaction, 'k'),
    materials.create(transaction, 'k', 64),
  ])
  const at = (currentMaterialId: string) => ({ ...key, currentMaterialId })
  const material = materials.open(database, at(id), id)
  expect(material).toHaveLength(32)
  expect(materials.open(database, at(long), long)).toHaveLength(64)
  expect(anew().open(database, at(id), id)).toEqual(material)
  expect(materials.open(database, at(id), id)).toBe(material)
  expect(id).toBe(materialIdOf('k', material ?? Buffer.alloc(0)))
})

test('An id follows from key and material, and tells nothing of it', () => {
  const material = Buffer.alloc(32, 1)
  const expected = createHmac('sha256', material).update('key material id k').digest('hex')
  expect(materialIdOf('k', material)).toBe(expected)
  expect(materialIdOf('l', material)).not.toBe(expected)
})

test('Later material of a rotation follows from the first, for replicas in other Regions as well', async () => {
  const { database, materials, keep } = await opened()
  const first = randomBytes(32)
  const id = await keep(key, first)
  const rotated = { ...key, currentMaterialId: 'later', materials: [{ materialId: id }, { materialId: 'later' }] }
  expect(materials.open(database, rotated, id)).toEqual(first)
  const expected = createHmac('sha256', first).update('kms key rotation later').digest()
  expect(materials.open(database, rotated, 'later')).toEqual(expected)
  expect(materials.open(database, { ...rotated, region: 'eu-west-1' }, 'later')).toEqual(expected)
  expect(materials.open(database, key, id)).toBeUndefined()
})

test('Imported material is each Region’s own, and is there only while the key says so', async () => {
  const { database, materials, keep, keptOf } = await opened()
  const material = randomBytes(32)
  const id = await keep(external, material)
  const holding = { ...external, imports: { [id]: {} } }
  expect(materials.open(database, holding, id)).toEqual(material)
  expect(materials.open(database, external, id)).toBeUndefined()
  expect(materials.open(database, holding, 'another')).toBeUndefined()
  expect(materials.open(database, { ...holding, region: 'eu-west-1' }, id)).toBeUndefined()
  expect(await keptOf(external)).toEqual([id])
  expect(await keptOf({ ...external, region: 'eu-west-1' })).toEqual([])
  expect(await keptOf(key)).toEqual([])
})

test('Material that is deleted is gone, from memory too', async () => {
  const { database, materials, keep, keptOf } = await opened()
  const [one, two] = [await keep(external, randomBytes(32)), await keep(external, randomBytes(32))]
  const holding = { ...external, imports: { [one]: {}, [two]: {} } }
  for (const id of [one, two]) expect(materials.open(database, holding, id)).toHaveLength(32)
  await database.transact(async (transaction) => materials.delete(transaction, external, one))
  expect(materials.open(database, holding, one)).toBeUndefined()
  expect(materials.open(database, holding, two)).toHaveLength(32)
  expect(await keptOf(external)).toEqual([two])
})

test('What is forgotten is opened anew: of this key, and of no other whose id begins like its own', async () => {
  const { database, materials, keep } = await opened()
  const longer = { ...key, keyId: 'k2' }
  const [own, other] = [await keep(key, randomBytes(32)), await keep(longer, randomBytes(32))]
  const [ownKey, otherKey] = [
    { ...key, currentMaterialId: own },
    { ...longer, currentMaterialId: other },
  ]
  const before = [materials.open(database, ownKey, own), materials.open(database, otherKey, other)]
  materials.forget(key)
  expect(materials.open(database, otherKey, other)).toBe(before[1])
  const again = materials.open(database, ownKey, own)
  expect(again).not.toBe(before[0])
  expect(again).toEqual(before[0])
})

test('A thousand are kept open, the oldest goes first', async () => {
  const { database, materials } = await opened()
  const keys = await database.transact(async (transaction) =>
    Array.from({ length: 1001 }, (_, index) => {
      const keyId = `k${index}`
      return { ...key, keyId, currentMaterialId: materials.create(transaction, keyId) }
    }),
  )
  const open = (index: number) => {
    const one = keys[index]
    return one && materials.open(database, one, one.currentMaterialId)
  }
  const [first, second] = [open(0), open(1)]
  for (let index = 2; index < 1000; index++) open(index)
  expect(open(0)).toBe(first)
  open(1000)
  expect(open(1)).toBe(second)
  expect(open(0)).not.toBe(first)
})
