import { grantsOfKey } from '../../kms/grants/grant-store.ts'
import { arnOf, type KeyRecord, materialsOf, stateOf } from '../../kms/keys/key.ts'
import { keyAt } from '../../kms/keys/key-at.ts'
import { findKey, keyRecords, listAliases } from '../../kms/keys/key-store.ts'
import type { KeyDetails, KeyRow } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'

const grantsShown = 1000

/** The keys of all accounts and Regions, as they stand at this moment; nothing is left in the trail. */
export async function listKeys({ services, ambient }: ApiContext): Promise<KeyRow[]> {
  const { database } = services.inProcess
  const now = ambient.now()
  const rows: KeyRow[] = []
  const aliases = new Map<string, Map<string, string[]>>()
  for await (const { value } of database.entries(keyRecords)) {
    const key = keyAt(value, now)
    if (!key) continue
    const place = `${key.accountId} ${key.region}`
    const known = aliases.get(place) ?? (await aliasesOf(services.inProcess.database, key, now))
    aliases.set(place, known)
    rows.push(rowOf(key, known.get(key.keyId) ?? []))
  }
  return rows
}

async function aliasesOf(database: Parameters<typeof listAliases>[0], { accountId, region }: KeyRecord, now: number) {
  const found = new Map<string, string[]>()
  for await (const { name, alias } of listAliases(database, { accountId, region }, now)) {
    found.set(alias.targetKeyId, [...(found.get(alias.targetKeyId) ?? []), name])
  }
  return found
}

function rowOf(key: KeyRecord, aliases: string[]): KeyRow {
  return {
    keyId: key.keyId,
    arn: arnOf(key),
    region: key.region,
    aliases,
    description: key.description,
    state: stateOf(key),
    keySpec: key.keySpec,
    keyUsage: key.keyUsage,
    manager: key.keyManager,
    origin: key.origin,
    creationDate: key.creationDate,
    deletionDate: key.deletionDate,
  }
}

/**
 * One key with all that is known of it, but its material.
 * @throws ConsoleRefusal
 */
export async function readKey({ services, ambient }: ApiContext, region: string, keyId: string): Promise<KeyDetails> {
  const { database } = services.inProcess
  const now = ambient.now()
  const key = findKey(database, region, keyId, now)
  if (!key) throw new ConsoleRefusal(404, `There is no key ${keyId} in ${region}`)
  const grants: KeyDetails['grants'] = []
  for await (const grant of grantsOfKey(database, key)) {
    if (grants.length === grantsShown) break
    const { EncryptionContextEquals, EncryptionContextSubset } = grant.constraints ?? {}
    grants.push({
      id: grant.grantId,
      grantee: grant.granteePrincipal,
      operations: [...grant.operations],
      context: EncryptionContextEquals ?? EncryptionContextSubset,
      name: grant.name,
    })
  }
  return {
    ...rowOf(key, (await aliasesOf(database, key, now)).get(key.keyId) ?? []),
    policy: key.policy,
    tags: Object.fromEntries(key.tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    materials: materialsOf(key).map(({ materialId, rotationDate, rotationType }) => ({
      id: materialId,
      since: rotationDate ?? key.creationDate,
      how: howOf(key, rotationType),
      isCurrent: materialId === key.currentMaterialId,
    })),
    rotation: key.rotation && { periodInDays: key.rotation.periodInDays, nextDate: key.rotation.nextDate },
    grants,
  }
}

function howOf({ origin }: KeyRecord, rotationType: 'AUTOMATIC' | 'ON_DEMAND' | undefined) {
  if (rotationType === 'AUTOMATIC') return 'automatic'
  if (rotationType === 'ON_DEMAND') return 'on demand'
  return origin === 'EXTERNAL' ? 'imported' : 'created'
}
