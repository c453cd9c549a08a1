import { expect, test } from '@jest/globals'
import { everythingBlocked } from '../s3/configurations/public-access-block.ts'
import { bucketRecords } from '../s3/records/buckets.ts'
import { configurationName } from '../s3/records/configurations.ts'
import { objectParts, objectRecords } from '../s3/records/object-record.ts'
import { Database, settings } from '../store/database.ts'
import { formatVersion, oldestFormat, recordKind } from '../store/keyspace.ts'
import { migrations } from './index.ts'
import { type Migration, migrate } from './migration.ts'

const slots = recordKind<object>()('objectSlot', ['string', 'string', 'integer'])
const objects = recordKind<object>()('object', ['string', 'string'])
const partSlots = recordKind<object[]>()('objectPartsSlot', ['string', 'string', 'integer'])

async function openInFormat(format: number) {
  const database = await Database.open({})
  await database.transact((transaction) => transaction.put(settings, ['format'], format))
  return database
}

test('There is a step from every format that is read to the next one, up to the newest', () => {
  const formats = Array.from({ length: formatVersion - oldestFormat }, (_, index) => oldestFormat + index + 1)
  expect(migrations.map(({ to }) => to)).toEqual(formats)
})

test('Only the steps that a store has not taken are taken, in order, and its format tells how far it is', async () => {
  const database = await openInFormat(3)
  const taken: string[] = []
  const step = (to: number): Migration => ({
    to,
    summary: `to ${to}`,
    run: async () => void taken.push(`${to} from ${database.get(settings, ['format'])}`),
  })
  const reported: string[] = []
  await migrate(database, [step(3), step(4), step(5)], (summary) => reported.push(summary))
  expect(taken).toEqual(['4 from 3', '5 from 4'])
  expect(reported).toEqual(['to 4', 'to 5'])
  expect(database.get(settings, ['format'])).toBe(5)
})

test('A step that fails leaves the format as it was, and is taken anew', async () => {
  const database = await openInFormat(3)
  const failing: Migration = { to: 4, summary: '', run: () => Promise.reject(new Error('no room')) }
  await expect(migrate(database, [failing], () => undefined)).rejects.toThrow('no room')
  expect(database.get(settings, ['format'])).toBe(3)
})

test('Format 3: objects leave their slots, and one that was interrupted half way is finished', async () => {
  const database = await openInFormat(2)
  const slot = Number.MAX_SAFE_INTEGER
  await database.transact((transaction) => {
    for (let index = 0; index < 300; index++) {
      transaction.put(slots, ['b', `k${String(index).padStart(3, '0')}`, slot], { size: index })
    }
    transaction.put(partSlots, ['b', 'k001', slot], [{ number: 1 }])
    // An interrupted step has done this one.
    transaction.delete(slots, ['b', 'k000', slot])
    transaction.put(objects, ['b', 'k000'], { size: 0 })
  })
  await migrate(database, migrations, () => undefined)
  const keys: string[] = []
  for await (const { key, value } of database.entries(objectRecords))
    keys.push(`${key[1]}=${'size' in value && value.size}`)
  expect(keys).toEqual(Array.from({ length: 300 }, (_, index) => `k${String(index).padStart(3, '0')}=${index}`))
  expect(database.get(objectParts, ['b', 'k001', 'null'])).toEqual([{ number: 1 }])
  for await (const { key } of database.entries(slots)) throw new Error(`${key[1]} stayed in its slot`)
})

test('Format 4: what was set on a bucket becomes configurations of it', async () => {
  const database = await openInFormat(3)
  const common = { region: 'us-east-1', ownerAccountId: '000000000000', creationDate: 1 }
  const factory = { algorithm: 'AES256', bucketKeyEnabled: false, blockedEncryptionTypes: 'SSE-C' } as const
  const kms = { ...factory, algorithm: 'aws:kms', keyId: 'k' } as const
  const old = recordKind<object>()('bucket', ['string'])
  await database.transact((transaction) => {
    const current = { objectOwnership: 'BucketOwnerEnforced', publicAccessBlock: true, encryption: factory }
    const classic = { objectOwnership: 'ObjectWriter', publicAccessBlock: false }
    transaction.put(old, ['current'], { name: 'current', ...common, ...current })
    transaction.put(old, ['classic'], { name: 'classic', ...common, ...classic })
    transaction.put(old, ['kms'], { name: 'kms', ...common, ...classic, encryption: kms })
  })
  await migrate(database, migrations, () => undefined)
  const { records } = configurationName<object>('')
  const kept: Record<string, object> = {}
  for await (const { key, value } of database.entries(records)) kept[key.join(' ')] = value
  expect(kept).toEqual({
    'current ownershipControls': { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    'current publicAccessBlock': everythingBlocked,
    'kms encryption': {
      Rules: [
        {
          BucketKeyEnabled: false,
          ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'k' },
          BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
        },
      ],
    },
  })
  expect(database.get(bucketRecords, ['current'])).toEqual({
    name: 'current',
    ...common,
    objectOwnership: 'BucketOwnerEnforced',
    encryption: factory,
  })
})
