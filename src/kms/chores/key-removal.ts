import type { Transaction } from '../../store/database.ts'
import { deleteGrant, grantsOfKey } from '../grants/grant-store.ts'
import type { KeyRecord } from '../keys/key.ts'
import { deleteAlias, deleteKeyRecord, listAliasesOfKey } from '../keys/key-store.ts'

/** Removes a key with its aliases and grants. Its material may be that of other keys of its set. */
export async function removeKey(transaction: Transaction, key: KeyRecord): Promise<void> {
  for await (const { name } of listAliasesOfKey(transaction, key)) deleteAlias(transaction, key, name)
  for await (const grant of grantsOfKey(transaction, key)) deleteGrant(transaction, grant)
  deleteKeyRecord(transaction, key)
}
