import { grantsOfKey } from '../../kms/grants/grant-store.ts'
import { arnOf, type KeyRecord, materialsOf, stateOf } from '../../kms/keys/key.ts'
import { keyAt } from '../../kms/keys/key-at.ts'
import {
  findKey,
  keyRecords,
  listAliasesBeginningWith,
  listAliasesOfKey,
  listAliasesOfKeys,
} from '../../kms/keys/key-store.ts'
import { list, required, string, structure } from '../../protocol/shapes.ts'
import type { Database } from '../../store/database.ts'
import type { KeyDetails, KeyPage, KeyRow } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'

const grantsShown = 1000
const pageLength = 200

/** No page shows more of them. */
export const keyArnsShape = structure({ arns: required(list(string({ max: 2048 }), { max: 1000 })) }, { closed: true })

export interface KeyQuery {
  find?: string
  after?: string
}

/**
 * A page of the keys of all accounts and Regions, as they stand at this moment; nothing is left in the trail.
 * @param query.find the beginning of an alias, in the emulator's own account and Region
 * @param query.after `next` of the page before
 */
export async function listKeys(context: ApiContext, { find = '', after }: KeyQuery): Promise<KeyPage> {
  return find === '' ? listAllKeys(context, after) : listKeysByAlias(context, find, after)
}

async function listAllKeys({ services, ambient }: ApiContext, after: string | undefined): Promise<KeyPage> {
  const { database } = services.inProcess
  const now = ambient.now()
  const keys: KeyRecord[] = []
  let next: string | undefined
  for await (const { key: name, value } of database.entries(keyRecords, { after: after?.split('/') })) {
    const key = keyAt(value, now)
    if (!key) continue
    if (keys.length === pageLength) return { keys: await withAliases(database, keys), next }
    keys.push(key)
    next = name.join('/')
  }
  return { keys: await withAliases(database, keys) }
}

/** The keys are in order, so one walk a Region finds what they are called. */
async function withAliases(database: Database, keys: readonly KeyRecord[]): Promise<KeyRow[]> {
  const found = new Map<string, string[]>()
  for (const region of new Set(keys.map((key) => key.region))) {
    const ids = keys.filter((key) => key.region === region).map(({ keyId }) => keyId)
    const [first = '', last = first] = [ids[0], ids.at(-1)]
    for await (const { keyId, name } of listAliasesOfKeys(database, region, [first, last])) {
      const place = `${region}/${keyId}`
      const names = found.get(place)
      if (names) names.push(name)
      else found.set(place, [name])
    }
  }
  return keys.map((key) => rowOf(key, found.get(`${key.region}/${key.keyId}`) ?? []))
}

/** In order of the aliases; a key that has two of them comes twice. */
async function listKeysByAlias({ services, settings, ambient }: ApiContext, find: string, after?: string) {
  const { database } = services.inProcess
  const beginning = `alias/${find.replace(/^alias\//, '')}`
  const keys: KeyRow[] = []
  let next: string | undefined
  for await (const { name, targetKeyId } of listAliasesBeginningWith(database, settings, beginning, after)) {
    const key = findKey(database, settings.region, targetKeyId, ambient.now())
    if (!key) continue
    if (keys.length === pageLength) return { keys, next }
    keys.push(rowOf(key, [name]))
    next = name
  }
  return { keys }
}

/** What people know keys by: ARN → the first alias, of those that have one. @param arns of keys */
export async function nameKeys({ services, ambient }: ApiContext, arns: readonly string[]) {
  const { database } = services.inProcess
  const names: Record<string, string> = {}
  for (const arn of arns) {
    const [, , , region = '', , resource = ''] = arn.split(':')
    const key = findKey(database, region, resource.replace(/^key\//, ''), ambient.now())
    if (!key) continue
    for await (const { name } of listAliasesOfKey(database, key)) {
      names[arn] = name
      break
    }
  }
  return names
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
    ...rowOf(key, await aliasesOf(database, key)),
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

async function aliasesOf(database: Database, key: KeyRecord): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of listAliasesOfKey(database, key)) names.push(name)
  return names
}

function howOf({ origin }: KeyRecord, rotationType: 'AUTOMATIC' | 'ON_DEMAND' | undefined) {
  if (rotationType === 'AUTOMATIC') return 'automatic'
  if (rotationType === 'ON_DEMAND') return 'on demand'
  return origin === 'EXTERNAL' ? 'imported' : 'created'
}
