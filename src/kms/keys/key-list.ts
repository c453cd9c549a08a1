import type { Reader } from '../../store/database.ts'
import { metadataOf } from './key-metadata.ts'
import { listAliases, listKeys, type Place } from './key-store.ts'

export type ListedKey = ReturnType<typeof metadataOf> & { Aliases: string[] }

/**
 * The keys of an account in a Region, as DescribeKey shows them, each with its aliases.
 * @param now ms since the epoch
 */
export async function keysWithAliases(reader: Reader, place: Place, now: number): Promise<ListedKey[]> {
  const aliases = new Map<string, string[]>()
  for await (const { name, alias } of listAliases(reader, place, now)) {
    aliases.set(alias.targetKeyId, [...(aliases.get(alias.targetKeyId) ?? []), name])
  }
  const listed: ListedKey[] = []
  for await (const key of listKeys(reader, place, now)) {
    listed.push({ ...metadataOf(key), Aliases: aliases.get(key.keyId) ?? [] })
  }
  return listed
}
