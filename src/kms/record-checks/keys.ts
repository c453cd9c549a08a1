import { isDeepStrictEqual } from 'node:util'
import { type CheckContext, fails, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import {
  anything,
  count,
  flag,
  listOf,
  mapOf,
  members,
  object,
  oneOf,
  optional,
  text,
  time,
} from '../../store/record-shape.ts'
import type { KeyMaterial, KeyRecord, MultiRegion, Rotation, Tag } from '../keys/key.ts'
import { isKeyId } from '../keys/key-identifier.ts'
import { type AliasRecord, aliasRecords, keyAliasRecords, keyRecords, sharedBy, storedKey } from '../keys/key-store.ts'
import { faultsOfMaterial } from './material.ts'

const keyShape = members<KeyRecord>({
  keyId: text,
  accountId: text,
  region: text,
  description: text,
  keySpec: text,
  keyUsage: text,
  origin: oneOf('AWS_KMS', 'EXTERNAL'),
  keyManager: oneOf('CUSTOMER', 'AWS'),
  service: optional(text),
  creationDate: time,
  enabled: flag,
  deletionDate: optional(time),
  policy: text,
  tags: listOf(members<Tag>({ TagKey: text, TagValue: text })),
  currentMaterialId: optional(text),
  materials: optional(
    listOf(
      members<KeyMaterial>({
        materialId: text,
        rotationDate: optional(time),
        rotationType: optional(oneOf('AUTOMATIC', 'ON_DEMAND')),
        isRecorded: optional(flag),
      }),
    ),
  ),
  pendingMaterialId: optional(text),
  rotation: optional(members<Rotation>({ periodInDays: count, nextDate: time, isPaused: optional(flag) })),
  onDemandRotation: optional(time),
  imports: optional(mapOf(object)),
  descriptions: optional(mapOf(text)),
  multiRegion: optional(
    members<MultiRegion>({
      primaryRegion: text,
      replicas: listOf(members<MultiRegion['replicas'][number]>({ region: text, deletionDate: optional(time) })),
    }),
  ),
  deletionWindow: optional(count),
})

/** Keys with what opens their material, and the aliases by which they are found. */
export const keyChecks: readonly RecordCheck[] = [
  recordCheck(keyRecords, keyShape, ({ key: [region, keyId], value }, context) => [
    ...faultsWhere(
      [value.region !== region || value.keyId !== keyId || !isKeyId(keyId), 'is the record of another key'],
      [fails(() => JSON.parse(value.policy)), 'has a policy that is no JSON'],
      [!hasCurrentMaterial(value), 'has other current material than the last that it got'],
    ),
    ...faultsOfMaterial(value, context),
    ...(value.multiRegion ? faultsOfSet(value, value.multiRegion, context.records) : []),
  ]),
  recordCheck(
    aliasRecords,
    members<AliasRecord>({ targetKeyId: text, creationDate: time, lastUpdatedDate: time }),
    ({ key: [accountId, region, name], value: { targetKeyId } }, { records }) => {
      if (records.isMissing(keyRecords, [region, targetKeyId]))
        return [`stands for the key ${targetKeyId}, which is missing`]
      const owner = storedKey(records, region, targetKeyId)?.accountId ?? accountId
      return faultsWhere(
        [owner !== accountId, 'stands for a key of another account'],
        [records.isMissing(keyAliasRecords, [region, targetKeyId, name]), 'is not among the aliases of its key'],
      )
    },
  ),
  recordCheck(keyAliasRecords, anything, ({ key: [region, keyId, name] }, { records }) => {
    const key = storedKey(records, region, keyId)
    if (!key) return records.isMissing(keyRecords, [region, keyId]) ? ['is of a key that is missing'] : []
    const place: [string, string, string] = [key.accountId, region, name]
    if (records.isMissing(aliasRecords, place)) return ['is of an alias that is missing']
    const target = records.get(aliasRecords, place)?.targetKeyId ?? keyId
    return faultsWhere([target !== keyId, 'is of an alias that stands for another key'])
  }),
]

function hasCurrentMaterial({ currentMaterialId, materials }: KeyRecord): boolean {
  return materials === undefined || materials.at(-1)?.materialId === currentMaterialId
}

/** Of a replica that ends nothing is asked: it may be gone, or no longer told of what changes, and its primary key gone before it. */
function faultsOfSet(key: KeyRecord, set: MultiRegion, records: CheckContext['records']): string[] {
  const own = set.replicas.find(({ region }) => region === key.region)
  if (set.primaryRegion !== key.region && !own) return ['is not in the set that it belongs to']
  if (own?.deletionDate !== undefined) return []
  const regions = set.replicas.flatMap(({ region, deletionDate }) => (deletionDate === undefined ? [region] : []))
  return [set.primaryRegion, ...regions].flatMap((region) => {
    if (region === key.region) return []
    if (records.isMissing(keyRecords, [region, key.keyId]))
      return [`is in a set with one in ${region}, which is missing`]
    const other = storedKey(records, region, key.keyId)
    const agrees = !other || isDeepStrictEqual(sharedBy(other), sharedBy(key))
    return agrees ? [] : [`does not agree with the one in ${region} on what the keys of a set share`]
  })
}
