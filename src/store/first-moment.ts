import type { PartType, RecordKind } from './keyspace.ts'
import type { Reader } from './transaction.ts'

/** The earliest of the records that lie in the order of moments, in ms since the epoch; undefined where there is none. */
export async function firstMoment(
  reader: Reader,
  kind: RecordKind<unknown, readonly ['integer', ...PartType[]]>,
): Promise<number | undefined> {
  for await (const { key } of reader.entries(kind, { limit: 1 })) return key[0]
  return undefined
}
