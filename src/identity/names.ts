import { parseArn } from '../aws/arn.ts'
import { type Database, type Reader, settings, type Transaction } from '../store/database.ts'
import { type EntityType, identityNames, principals } from './records.ts'

/* IAM's names: unique in an account and a type without regard to case, whatever the path (IAM User Guide, "IAM identifiers"). */

/** The parts of an IAM ARN: `user`, `/team/`, `app` of `arn:aws:iam::ACCOUNT:user/team/app`. */
export interface EntityName {
  accountId: string
  type: EntityType
  /** `/`, or `/…/` */
  path: string
  name: string
}

/** @returns undefined for what has no name of its own: the root of an account, a session */
export function nameOfArn(arn: string): EntityName | undefined {
  const { service, accountId = '', resource = '' } = parseArn(arn) ?? {}
  const [, type = '', path = '', name = ''] = /^([a-z-]+)(\/(?:.*\/)?)([^/]+)$/.exec(resource) ?? []
  return service === 'iam' && isEntityType(type) ? { accountId, type, path, name } : undefined
}

function isEntityType(text: string): text is EntityType {
  return ['user', 'role', 'group', 'policy', 'instance-profile'].includes(text)
}

/** @param path `/`, or `/…/` */
export function entityArn({ accountId, type, path, name }: EntityName): string {
  return `arn:aws:iam::${accountId}:${type}${path}${name}`
}

/** The ARN of what is called so, in any case. */
export function arnOfName(reader: Reader, accountId: string, type: EntityType, name: string): string | undefined {
  return reader.get(identityNames, [accountId, type, name.toLowerCase()])?.arn
}

export function stageName(transaction: Transaction, arn: string): void {
  const named = nameOfArn(arn)
  if (named) transaction.put(identityNames, keyOf(named), { arn })
}

export function unstageName(transaction: Transaction, arn: string): void {
  const named = nameOfArn(arn)
  if (named) transaction.delete(identityNames, keyOf(named))
}

function keyOf({ accountId, type, name }: EntityName): [string, string, string] {
  return [accountId, type, name.toLowerCase()]
}

const indexed: ['identity-names'] = ['identity-names']

/** Gives a store that is older than the index the names of its principals, once. */
export async function indexNames(database: Database): Promise<void> {
  if (database.get(settings, indexed) !== undefined) return
  await database.transact(async (transaction) => {
    for await (const { value } of database.entries(principals)) stageName(transaction, value.arn)
    transaction.put(settings, indexed, 1)
  })
}
