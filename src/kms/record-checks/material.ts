import { type CheckContext, fails, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { base64, count, members, text } from '../../store/record-shape.ts'
import { type KeyRecord, materialsOf } from '../keys/key.ts'
import { storedKeys } from '../keys/key-store.ts'
import { findImportToken, importTokenRecords, type TokenRecord } from '../material/import-token.ts'
import { type MaterialRecord, materialRecords, purposeOf, scopeOf } from '../material/key-material.ts'

/** Key material is a key's, and opens. */
export const materialChecks: readonly RecordCheck[] = [
  recordCheck(
    materialRecords,
    members<MaterialRecord>({ sealed: base64 }),
    async ({ key: [scope, materialId], value }, context) => {
      const scopes = await context.once(materialRecords, () => scopesOf(context))
      const open = () => context.rootKey.open(purposeOf(scope, materialId), value.sealed)
      return faultsWhere(
        [!scopes.has(scope), 'is the material of a key that is missing'],
        [fails(open), 'does not open under the root key'],
      )
    },
  ),
  recordCheck(
    importTokenRecords,
    members<TokenRecord>({ keyArn: text, algorithm: text, validTo: count, sealedPrivateKey: base64 }),
    ({ key: [name] }, { records, rootKey }) => {
      const open = () => findImportToken(records, rootKey, Buffer.from(name, 'hex'))
      return faultsWhere([fails(open), 'does not open under the root key'])
    },
  ),
]

async function scopesOf({ records }: CheckContext): Promise<ReadonlySet<string>> {
  const scopes = new Set<string>()
  for await (const key of storedKeys(records)) scopes.add(scopeOf(key))
  return scopes
}

/** What a key works with is stored. Imported material that expires goes by itself. */
export function faultsOfMaterial(key: KeyRecord, { records }: Pick<CheckContext, 'records'>): string[] {
  const scope = scopeOf(key)
  const lasting = Object.entries(key.imports ?? {}).filter(([, { validTo }]) => validTo === undefined)
  const [first] = materialsOf(key)
  const own = first ? [first.materialId] : []
  return (key.origin === 'EXTERNAL' ? lasting.map(([id]) => id) : own)
    .filter((id) => records.isMissing(materialRecords, [scope, id]))
    .map((id) => `has no material ${id}`)
}
