import { parseArn } from '../../aws/arn.ts'
import { parsePolicy, type Statement } from '../../aws/policy-parse.ts'
import { type GrantRecord, grantsOfKey } from '../../kms/grants/grant-store.ts'
import { arnOf, isPrimary, isSymmetric, type KeyRecord, stateOf } from '../../kms/keys/key.ts'
import { keyAt } from '../../kms/keys/key-at.ts'
import { keyRecords } from '../../kms/keys/key-store.ts'
import { isPublicStatement } from '../../s3/bucket-policy/public-policy.ts'
import type { Database } from '../../store/database.ts'
import type { Findings } from './findings.ts'

/** What else was found of keys. */
export interface KnownUses {
  /** ARNs of keys that served a call, or seal something. */
  usedKeys: ReadonlySet<string>
  /** Whether only a part of the trail was looked at. */
  isPartial: boolean
  /** ms since the epoch: what happened before is no longer in the trail */
  oldestEvent: number
}

/** Every customer managed key with its policy and its grants; what is to be deleted is no longer looked at. */
export async function auditKeys(database: Database, now: number, known: KnownUses, findings: Findings): Promise<void> {
  for await (const { value } of database.entries(keyRecords)) {
    const key = keyAt(value, now)
    if (!key || key.keyManager === 'AWS' || stateOf(key).endsWith('Deletion')) continue
    const arn = arnOf(key)
    if (!known.usedKeys.has(arn)) findings.add('unused-key', arn, aboutUnused(key, known))
    for (const why of new Set(parsePolicy(key.policy, 'resource').statements.flatMap((own) => tooMuchIn(own, key)))) {
      findings.add('broad-policy', arn, why)
    }
    for await (const grant of grantsOfKey(database, key)) {
      const why = tooMuchOf(grant, key)
      if (why !== undefined)
        findings.add('broad-grant', arn, `${grant.name ?? grant.grantId} to ${grant.granteePrincipal} ${why}`)
    }
  }
}

/** Half a sentence; undefined: there is nothing more to say. */
function aboutUnused(key: KeyRecord, { isPartial, oldestEvent }: KnownUses): string | undefined {
  const state = stateOf(key)
  const isOlder = !isPartial && key.creationDate < oldestEvent
  const words = [
    isPartial ? 'in the time that was looked at' : undefined,
    isOlder ? 'as far as the trail goes back' : undefined,
    state === 'Enabled' ? undefined : `it is ${state}`,
    isPrimary(key) ? undefined : `it is a replica of the key in ${key.multiRegion?.primaryRegion}`,
  ].filter((part) => part !== undefined)
  return words.length > 0 ? words.join(', ') : undefined
}

/*
 * What a statement of a key policy gives too widely:
 *
 *   Principal *            to everybody of any account, where no condition ties it to somebody. kms:CallerAccount does; kms:ViaService
 *                          alone does not: anybody may have a service of AWS ask
 *   another account        to whom it gives PutKeyPolicy: who may change the policy may do everything
 *
 * The own account is the owner: the default key policy is as it should be (KMS Developer Guide, "Default key policy").
 */
function tooMuchIn(statement: Statement, { accountId }: KeyRecord): string[] {
  if (isPublicStatement(statement, tyingKeys)) return ['everybody, of any account, is let in by a statement']
  const { effect, principal, action, conditions } = statement
  if (effect !== 'Allow' || !principal || principal.negated || conditions.some(isOfOwnAccount(accountId))) return []
  if (action.fixed.matches(administration) === action.negated) return []
  const others = principal.named.map(({ type, value }) => (type === 'AWS' ? accountOf(value) : undefined))
  return others
    .filter((account) => account !== undefined && account !== accountId)
    .map((account) => `account ${account} may change its policy`)
}

const tyingKeys = new Set(['kms:calleraccount'])
const administration = 'kms:putkeypolicy'

/** A statement for others that is tied to the own account gives them nothing. */
function isOfOwnAccount(accountId: string): (condition: Statement['conditions'][number]) => boolean {
  return ({ key, name, values }) =>
    name === 'StringEquals' &&
    /^(kms:calleraccount|aws:principalaccount)$/i.test(key) &&
    values.every((value) => value === accountId)
}

/** @returns undefined of a principal that is no longer there: it is shown by its unique id */
function accountOf(principal: string): string | undefined {
  return /^\d{12}$/.test(principal) ? principal : parseArn(principal)?.accountId
}

/** Half a sentence; undefined: it is as narrow as grants are meant to be. */
function tooMuchOf({ granteePrincipal, operations, constraints }: GrantRecord, key: KeyRecord): string | undefined {
  if (/:root$|^\d{12}$/.test(granteePrincipal)) return 'is for a whole account'
  const opening = operations.find((operation) => operation === 'Decrypt' || operation === 'ReEncryptFrom')
  if (opening === undefined) return undefined
  if (operations.includes('CreateGrant')) return `may be handed on, with ${opening}`
  // Other keys know no encryption context, so their grants take no constraint.
  if (isSymmetric(key) && !narrows(constraints)) return `allows ${opening} under any encryption context`
  return undefined
}

/** A constraint without pairs lets every context through. */
function narrows(constraints: GrantRecord['constraints'] = {}): boolean {
  const { EncryptionContextEquals, EncryptionContextSubset = {} } = constraints
  return EncryptionContextEquals !== undefined || Object.keys(EncryptionContextSubset).length > 0
}
