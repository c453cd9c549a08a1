import { formatVersion, oldestFormat } from './keyspace.ts'
import { OtherStoreFormat } from './refusals.ts'
import { settings } from './settings.ts'
import type { Reader, Transaction } from './transaction.ts'

/** What reads and changes records. */
interface Store extends Reader {
  transact(body: (transaction: Transaction) => void): Promise<void>
}

/**
 * Notes the format in a store that is new.
 * @param folder of the store, for the error
 * @throws OtherStoreFormat when a version wrote it whose records cannot be read
 */
export async function checkFormat(store: Store, folder = 'in memory'): Promise<void> {
  const found = store.get(settings, ['format'])
  if (found === undefined) return store.transact((transaction) => transaction.put(settings, ['format'], formatVersion))
  if (found > formatVersion || found < oldestFormat) throw new OtherStoreFormat(folder, found)
}
