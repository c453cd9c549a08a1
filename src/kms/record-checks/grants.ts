import { type CheckContext, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { anything, count, listOf, mapOf, members, optional, text, time } from '../../store/record-shape.ts'
import {
  findGrant,
  type GrantConstraints,
  type GrantRecord,
  grantCountRecords,
  granteeRecords,
  grantRecords,
  retirableRecords,
} from '../grants/grant-store.ts'
import { keyRecords } from '../keys/key-store.ts'

const grantShape = members<GrantRecord>({
  grantId: text,
  region: text,
  keyId: text,
  issuingAccount: text,
  granteePrincipal: text,
  retiringPrincipal: optional(text),
  name: optional(text),
  creationDate: time,
  operations: listOf(text),
  constraints: optional(
    members<GrantConstraints>({
      EncryptionContextEquals: optional(mapOf(text)),
      EncryptionContextSubset: optional(mapOf(text)),
    }),
  ),
})

/** Grants, and the ways they are looked for. */
export const grantChecks: readonly RecordCheck[] = [
  recordCheck(grantRecords, grantShape, ({ key: [region, keyId, grantId], value }, { records }) => {
    const { granteePrincipal, retiringPrincipal } = value
    const isRetirable =
      retiringPrincipal === undefined ||
      !records.isMissing(retirableRecords, [region, retiringPrincipal, keyId, grantId])
    return faultsWhere(
      [value.region !== region || value.keyId !== keyId || value.grantId !== grantId, 'is the record of another grant'],
      [records.isMissing(keyRecords, [region, keyId]), 'is of a key that is missing'],
      [records.isMissing(granteeRecords, [region, keyId, granteePrincipal, grantId]), 'is not found by its grantee'],
      [!isRetirable, 'is not found by who may retire it'],
      [records.isMissing(grantCountRecords, [region, keyId]), 'is not counted'],
    )
  }),
  recordCheck(granteeRecords, anything, ({ key: [region, keyId, principal, grantId] }, { records }) =>
    faultsOfWay(records, { region, keyId, grantId }, (grant) => grant.granteePrincipal === principal),
  ),
  recordCheck(retirableRecords, anything, ({ key: [region, principal, keyId, grantId] }, { records }) =>
    faultsOfWay(records, { region, keyId, grantId }, (grant) => grant.retiringPrincipal === principal),
  ),
  recordCheck(grantCountRecords, count, async ({ key, value }, { records }) => {
    let found = 0
    for await (const _ of records.keys(grantRecords, key)) found++
    return faultsWhere([found !== value, `says ${value} in place of ${found}`])
  }),
]

function faultsOfWay(
  records: CheckContext['records'],
  grant: { region: string; keyId: string; grantId: string },
  leads: (grant: GrantRecord) => boolean,
): string[] {
  if (records.isMissing(grantRecords, [grant.region, grant.keyId, grant.grantId])) return ['leads to no grant']
  const found = findGrant(records, grant)
  return faultsWhere([found !== undefined && !leads(found), 'leads to a grant of another principal'])
}
