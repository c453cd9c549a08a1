import { identifierLetters, principalIdOf, type UniqueIdPrefix } from '../../aws/caller.ts'
import { arnOfName, entityArn, nameOfArn } from '../../identity/names.ts'
import {
  type Entity,
  type EntityType,
  type Group,
  groups,
  type InstanceProfile,
  identityNames,
  instanceProfiles,
  type Principal,
  principals,
} from '../../identity/records.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import type { Reader } from '../../store/database.ts'
import type { RecordKind } from '../../store/keyspace.ts'
import { iamErrors } from '../errors.ts'
import type { IamCall } from '../operation.ts'

/* What has a name: found by it, told of in answers, walked through. */

/** What look-ups need of a call. */
export type Place = Pick<IamCall, 'transaction' | 'accountId'>

/** AWS's words for something that is not there. */
const unknown: Readonly<Record<Exclude<EntityType, 'policy'>, (name: string) => string>> = {
  user: (name) => `The user with name ${name} cannot be found.`,
  role: (name) => `The role with name ${name} cannot be found.`,
  group: (name) => `The group with name ${name} cannot be found.`,
  'instance-profile': (name) => `Instance Profile ${name} cannot be found.`,
}

/** @throws AwsError NoSuchEntity */
export function findUser(place: Place, name: string): Principal {
  return find(place, principals, 'user', name)
}

/** @throws AwsError NoSuchEntity */
export function findRole(place: Place, name: string): Principal {
  return find(place, principals, 'role', name)
}

/** @throws AwsError NoSuchEntity */
export function findGroup(place: Place, name: string): Group {
  return find(place, groups, 'group', name)
}

/** @throws AwsError NoSuchEntity */
export function findInstanceProfile(place: Place, name: string): InstanceProfile {
  return find(place, instanceProfiles, 'instance-profile', name)
}

function find<Kept extends Entity>(
  { transaction, accountId }: Place,
  kind: RecordKind<Kept, readonly ['string']>,
  type: Exclude<EntityType, 'policy'>,
  name: string,
): Kept {
  const arn = arnOfName(transaction, accountId, type, name)
  const found = arn === undefined ? undefined : transaction.get(kind, [arn])
  if (!found) throw iamErrors.NoSuchEntity(unknown[type](name))
  return found
}

/** The ARN of what is called so, or that it would have: policies are asked about it before it is looked for. */
export function arnNamed({ transaction, accountId }: Place, type: EntityType, name: string, path = '/'): string {
  return arnOfName(transaction, accountId, type, name) ?? entityArn({ accountId, type, path, name })
}

/**
 * The ARN of something new.
 * @throws AwsError EntityAlreadyExists: names ignore case and path
 */
export function newArn({ transaction, accountId }: Place, type: EntityType, name: string, path = '/'): string {
  if (arnOfName(transaction, accountId, type, name) === undefined) return entityArn({ accountId, type, path, name })
  if (type === 'policy') {
    throw iamErrors.EntityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`)
  }
  const label =
    type === 'instance-profile' ? 'Instance Profile' : `${type.charAt(0).toUpperCase()}${type.slice(1)} with name`
  throw iamErrors.EntityAlreadyExists(`${label} ${name} already exists.`)
}

export function newUniqueId({ services }: Pick<IamCall, 'services'>, prefix: UniqueIdPrefix): string {
  return prefix + identifierLetters(services.ambient.randomBytes(17))
}

const idPrefixes: Readonly<Record<EntityType, UniqueIdPrefix>> = {
  user: 'AIDA',
  role: 'AROA',
  group: 'AGPA',
  policy: 'ANPA',
  'instance-profile': 'AIPA',
}
const labels: Readonly<Record<EntityType, string>> = {
  user: 'User',
  role: 'Role',
  group: 'Group',
  policy: 'Policy',
  'instance-profile': 'InstanceProfile',
}

/** Name, path, id, ARN and day of making, as every answer that tells of something has them. */
export function identityOf(entity: Entity): QueryOutput {
  const { type, path, name } = partsOf(entity.arn)
  return {
    Path: path,
    [`${labels[type]}Name`]: name,
    [`${labels[type]}Id`]: uniqueIdOf(entity),
    Arn: entity.arn,
    CreateDate: new Date(entity.createdAt ?? 0),
  }
}

export function uniqueIdOf({ arn, uniqueId }: Entity): string {
  return uniqueId ?? principalIdOf(idPrefixes[partsOf(arn).type], arn)
}

export function partsOf(arn: string) {
  const parts = nameOfArn(arn)
  if (!parts) throw new Error(`No ARN of anything that has a name: ${arn}`)
  return parts
}

export function nameOf({ arn }: Pick<Entity, 'arn'>): string {
  return partsOf(arn).name
}

/** Everything of a type, in the order of names. @param after the position of the last one that was told of */
export async function* walk<Kept extends Entity>(
  { transaction, accountId }: Place,
  kind: RecordKind<Kept, readonly ['string']>,
  type: EntityType,
  { pathPrefix = '/', after }: { pathPrefix?: string; after?: string } = {},
): AsyncGenerator<Kept> {
  const within = [accountId, type]
  const range = { within, after: after === undefined ? undefined : [...within, after] }
  for await (const { value } of transaction.entries(identityNames, range)) {
    if (!partsOf(value.arn).path.startsWith(pathPrefix)) continue
    const found = transaction.get(kind, [value.arn])
    if (found) yield found
  }
}

/** Where something stands in a listing. */
export function positionOf({ arn }: Pick<Entity, 'arn'>): string {
  return nameOf({ arn }).toLowerCase()
}

export async function countOf(reader: Reader, accountId: string, type: EntityType): Promise<number> {
  let count = 0
  for await (const _ of reader.entries(identityNames, { within: [accountId, type] })) count++
  return count
}

/** Members of a group. */
export async function membersOf(place: Place, group: string): Promise<Principal[]> {
  const members: Principal[] = []
  for await (const user of walk(place, principals, 'user')) if (user.groups?.includes(group)) members.push(user)
  return members
}

/**
 * The user that is meant; where the request names none, the caller, be it one that nobody declared.
 * @throws AwsError NoSuchEntity; ValidationError when the caller is no user
 */
export function userOrCaller(call: IamCall, name: string | undefined): Principal {
  if (name !== undefined) return findUser(call, name)
  const { type, arn } = call.caller
  if (type === 'IAMUser') return call.transaction.get(principals, [arn]) ?? { arn, accessKeys: [] }
  throw iamErrors.ValidationError('Must specify userName when calling with non-User credentials')
}
