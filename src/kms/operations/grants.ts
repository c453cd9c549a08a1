import { isDeepStrictEqual } from 'node:util'
import { parseArn, rootArn } from '../../aws/arn.ts'
import { enumeration, list, required, string, structure } from '../../protocol/shapes.ts'
import type { Transaction } from '../../store/database.ts'
import { invisible } from '../access/access-denied.ts'
import { keysOf } from '../access/condition-keys.ts'
import { invalidGrantId, kmsErrors } from '../errors.ts'
import {
  countGrants,
  findGrant,
  type GrantRecord,
  grantsOfKey,
  grantsRetirableBy,
  grantsTo,
  putGrant,
} from '../grants/grant-store.ts'
import {
  checkConstraints,
  constraintsOf,
  grantOperations,
  principalOf,
  requireFittingTerms,
  requirePrincipal,
} from '../grants/grant-terms.ts'
import { makeGrantToken } from '../grants/grant-tokens.ts'
import { arnOf, type KeyRecord, seconds } from '../keys/key.ts'
import { findKey } from '../keys/key-store.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { limited, pageOf, positionOfMarker } from '../pages.ts'
import { DryRun, EncryptionContext, GrantId, GrantTokens, KeyId, Limit, Marker } from '../shapes.ts'

/*
 * Grants count from the moment CreateGrant answers, and no more from the moment RetireGrant or RevokeGrant does: they take
 * the key exclusively, so no call that a revoked grant allowed stands behind its revocation in the trail. AWS's may take up
 * to five minutes; a client that sends the grant token, as AWS wants it to, sees no difference.
 */

const PrincipalId = string({ min: 1, max: 256, pattern: '^[\\w+=,.@:/-]+$' })
const GrantName = string({ min: 1, max: 256, pattern: '^[a-zA-Z0-9:/_-]+$' })

const grantsPerKey = 50_000
const pageLimit = { usual: 50, most: 100 } as const
export const CreateGrant = kmsOperation({
  name: 'CreateGrant',
  differs: 'A grant counts at once, with and without its token. Its principals need not exist. SourceArn is refused.',
  input: structure({
    KeyId: required(KeyId),
    GranteePrincipal: required(PrincipalId),
    RetiringPrincipal: PrincipalId,
    Operations: required(list(enumeration(grantOperations))),
    Constraints: structure({
      EncryptionContextSubset: EncryptionContext,
      EncryptionContextEquals: EncryptionContext,
      SourceArn: string(),
    }),
    GrantTokens,
    Name: GrantName,
    DryRun,
  }),
  readOnly: false,
  check(input) {
    requirePrincipal(input.GranteePrincipal)
    if (input.RetiringPrincipal !== undefined) requirePrincipal(input.RetiringPrincipal)
    if (input.Operations.length === 0) throw kmsErrors.ValidationException('A grant must have at least one operation.')
    checkConstraints(input.Constraints)
  },
  normalize: (input) => ({
    ...input,
    GranteePrincipal: principalOf(input.GranteePrincipal),
    RetiringPrincipal: input.RetiringPrincipal && principalOf(input.RetiringPrincipal),
    Operations: [...new Set(input.Operations)],
    Constraints: constraintsOf(input.Constraints),
  }),
  keys: ({ KeyId: identifier, Operations: operations, Constraints: constraints }) => [
    { identifier, terms: { operations, constraints } },
  ],
  conditionKeys: (input) => ({
    'kms:GrantConstraintType': keysOf(input.Constraints ?? {}),
    'kms:GrantOperations': input.Operations,
    'kms:GranteePrincipal': input.GranteePrincipal,
    'kms:RetiringPrincipal': input.RetiringPrincipal,
  }),
  changesKeys: true,
  usableIn: ['Enabled', 'Unavailable'],
  audit: {
    request: ['KeyId', 'GranteePrincipal', 'RetiringPrincipal', 'Operations', 'Constraints', 'Name'],
    response: ['GrantId'],
    showsKey: true,
  },
  async handle({ transaction, context, services, now }, { input, targets: [{ key }] }) {
    requireFittingTerms(key, input.Operations, input.Constraints)
    const wanted = {
      granteePrincipal: input.GranteePrincipal,
      retiringPrincipal: input.RetiringPrincipal,
      operations: input.Operations,
      constraints: input.Constraints,
      name: input.Name,
    }
    const grant = (await earlierGrant(transaction, key, { ...wanted, issuingAccount: context.caller.accountId })) ?? {
      ...wanted,
      grantId: services.ambient.randomBytes(32).toString('hex'),
      region: key.region,
      keyId: key.keyId,
      issuingAccount: context.caller.accountId,
      creationDate: now,
    }
    if (!findGrant(transaction, grant)) {
      if (countGrants(transaction, key) >= grantsPerKey) {
        throw kmsErrors.LimitExceededException(`A key has at most ${grantsPerKey} grants.`)
      }
      putGrant(transaction, grant)
    }
    return { output: { GrantId: grant.grantId, GrantToken: makeGrantToken(services.rootKey, grant) } }
  },
})

export const ListGrants = kmsOperation({
  name: 'ListGrants',
  input: structure({ KeyId: required(KeyId), GrantId, GranteePrincipal: PrincipalId, Limit, Marker }),
  readOnly: true,
  normalize: (input) => ({ ...input, GranteePrincipal: input.GranteePrincipal && principalOf(input.GranteePrincipal) }),
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId', 'GrantId', 'GranteePrincipal', 'Limit', 'Marker'] },
  async handle(
    { transaction },
    { input: { GrantId: grantId, GranteePrincipal: grantee, ...input }, targets: [{ key }] },
  ) {
    const after = positionOfMarker(input.Marker)
    const limit = limited(input.Limit, pageLimit)
    if (grantId !== undefined) {
      const grant = findGrant(transaction, { ...key, grantId })
      if (!grant) throw invalidGrantId()
      const isWanted = grantee === undefined || grant.granteePrincipal === grantee
      return { output: { Grants: isWanted ? [entryOf(grant, key)] : [], Truncated: false } }
    }
    const grants =
      grantee === undefined ? grantsOfKey(transaction, key, after) : grantsTo(transaction, key, grantee, after)
    const { rows, ...paging } = await pageOf(grants, limit, (grant) => grant.grantId)
    return { output: { Grants: rows.map((grant) => entryOf(grant, key)), ...paging } }
  },
})

export const ListRetirableGrants = kmsOperation({
  name: 'ListRetirableGrants',
  input: structure({ Limit, Marker, RetiringPrincipal: required(PrincipalId) }),
  readOnly: true,
  check: (input) => requirePrincipal(input.RetiringPrincipal),
  normalize: (input) => ({ ...input, RetiringPrincipal: principalOf(input.RetiringPrincipal) }),
  audit: { request: ['RetiringPrincipal', 'Limit', 'Marker'] },
  async handle(call, { input: { RetiringPrincipal, ...input } }) {
    // Another account's principals are that account's to ask about (evidence: kms-own-account).
    const { caller } = call.context
    if (parseArn(RetiringPrincipal)?.accountId !== caller.accountId)
      throw invisible(caller.arn, 'kms:ListRetirableGrants')
    const limit = limited(input.Limit, pageLimit)
    const rows = retirable(call, RetiringPrincipal, positionOfMarker(input.Marker))
    const { rows: page, ...paging } = await pageOf(rows, limit, ({ grant }) => `${grant.keyId} ${grant.grantId}`)
    return { output: { Grants: page.map(({ grant, key }) => entryOf(grant, key)), ...paging } }
  },
})

/** The same name with the same parameters is the same grant (evidence: kms-grant-name). */
async function earlierGrant(
  transaction: Transaction,
  key: KeyRecord,
  wanted: Pick<GrantRecord, 'issuingAccount' | 'granteePrincipal' | keyof GrantParameters>,
): Promise<GrantRecord | undefined> {
  if (wanted.name === undefined) return undefined
  for await (const grant of grantsTo(transaction, key, wanted.granteePrincipal)) {
    const isIssuers = grant.issuingAccount === wanted.issuingAccount
    if (isIssuers && isDeepStrictEqual(parametersOf(grant), parametersOf(wanted))) return grant
  }
  return undefined
}

type GrantParameters = Pick<GrantRecord, 'retiringPrincipal' | 'operations' | 'constraints' | 'name'>

function parametersOf({ retiringPrincipal, operations, constraints, name }: GrantParameters) {
  return JSON.parse(JSON.stringify({ retiringPrincipal, operations: [...operations].sort(), constraints, name }))
}

async function* retirable({ transaction, place, context, now }: KmsCall, principal: string, position?: string) {
  const [keyId = '', grantId = ''] = position?.split(' ') ?? []
  const after = position === undefined ? undefined : ([keyId, grantId] as const)
  for await (const grant of grantsRetirableBy(transaction, place.region, principal, after)) {
    const key = findKey(transaction, context.region, grant.keyId, now)
    if (key) yield { grant, key }
  }
}

function entryOf(grant: GrantRecord, key: KeyRecord) {
  return {
    KeyId: arnOf(key),
    GrantId: grant.grantId,
    Name: grant.name,
    CreationDate: seconds(grant.creationDate),
    GranteePrincipal: grant.granteePrincipal,
    RetiringPrincipal: grant.retiringPrincipal,
    IssuingAccount: rootArn(grant.issuingAccount),
    Operations: grant.operations,
    Constraints: grant.constraints,
  }
}
