import { globalContext } from '../../aws/policy.ts'
import type { ConditionContext } from '../../aws/policy-conditions.ts'
import type { Policy } from '../../aws/policy-parse.ts'
import type { CallContext } from '../call-context.ts'
import type { EncryptionContext } from '../client.ts'
import type { GrantTerms } from '../grants/grant-store.ts'
import { isPrimary, type KeyRecord } from '../keys/key.ts'
import type { SharedMembers } from '../shapes.ts'

/*
 * The condition keys of KMS (KMS Developer Guide, "AWS KMS condition keys", and the global ones): one reader a key. A value
 * is looked up when a statement asks for it and not before: most policies ask for none.
 *
 *   here                            what is common: caller, key, encryption context, tags
 *   `conditionKeys` of operations   what one operation's input says: `kms:RotationPeriodInDays`
 */

/** All that a policy may ask of a call. */
export interface CallFacts {
  context: CallContext
  /** ms since the epoch */
  now: number
  /** `kms:GenerateDataKey`; ReEncrypt asks twice, `kms:ReEncryptFrom` and `kms:ReEncryptTo`. */
  action: string
  /** In its normal form. */
  input: SharedMembers
  /** What the operation says of its input. */
  conditionKeys?(input: SharedMembers): ConditionValues
  key?: KeyRecord
  /** As the request names the key. */
  identifier?: string
  encryptionContext?: EncryptionContext
  /** Of a cryptographic operation. */
  encryptionAlgorithm?: string
  /** Of ReEncrypt. */
  isSameKey?: boolean
  /** Of CreateGrant: what the new grant would permit. */
  terms?: GrantTerms
  /** The aliases of the key; read only for policies that ask. */
  aliases?: readonly string[]
}

export type ConditionValue = string | number | boolean | readonly string[] | undefined
/** Values by the names of their condition keys, in AWS's spelling. */
export type ConditionValues = Readonly<Record<string, ConditionValue>>
type ReadValue = (facts: CallFacts) => ConditionValue

const grantActions = ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant']

/** Condition keys by their lower-case names, as the names ignore case. */
const readers: Readonly<Record<string, ReadValue>> = {
  'kms:calleraccount': ({ context }) => context.caller.accountId || undefined,
  'kms:viaservice': ({ context: { via, region } }) => via && `${via}.${region}.amazonaws.com`,
  'kms:encryptioncontextkeys': (facts) => keysOf(Object.fromEntries(pairsOf(facts))),
  'kms:encryptionalgorithm': ({ encryptionAlgorithm }) => encryptionAlgorithm,
  'kms:requestalias': ({ identifier }) => /(?:^|:)(alias\/.+)$/.exec(identifier ?? '')?.[1],
  'kms:resourcealiases': ({ aliases }) => (aliases?.length === 0 ? undefined : aliases),
  'kms:reencryptonsamekey': ({ isSameKey }) => isSameKey,
  'kms:grantisforawsresource': ({ context, action }) =>
    grantActions.includes(action) ? context.via !== undefined : undefined,

  'kms:keyspec': ({ key }) => key?.keySpec,
  'kms:customermasterkeyspec': ({ key }) => key?.keySpec,
  'kms:keyusage': ({ key }) => key?.keyUsage,
  'kms:customermasterkeyusage': ({ key }) => key?.keyUsage,
  'kms:keyorigin': ({ key }) => key?.origin,
  'kms:multiregion': ({ key }) => key && isMultiRegion(key),
  'kms:multiregionkeytype': ({ key }) =>
    key && isMultiRegion(key) ? (isPrimary(key) ? 'PRIMARY' : 'REPLICA') : undefined,

  'aws:resourceaccount': ({ key }) => key?.accountId,
  'aws:tagkeys': ({ input: { TagKeys, Tags } }) => TagKeys ?? keysOf(Object.fromEntries(tagPairs(Tags))),
  'aws:viaawsservice': ({ context }) => context.via !== undefined,
  'aws:calledvia': calledVia,
  'aws:calledviafirst': calledVia,
  'aws:calledvialast': calledVia,
}

/** What the caller or the key's owner named. */
type Pairs = readonly (readonly [name: string, value: string])[]

/** Condition keys whose names end in a name of the caller's or the key's owner's choice. */
const prefixReaders: readonly (readonly [prefix: string, read: (facts: CallFacts) => Pairs])[] = [
  ['kms:encryptioncontext:', pairsOf],
  ['aws:resourcetag/', ({ key }) => tagPairs(key?.tags)],
  ['aws:requesttag/', ({ input }) => tagPairs(input.Tags)],
]

/** Whether a policy asks for the key's aliases, which must be read beforehand. */
export function asksForAliases({ statements }: Policy): boolean {
  return statements.some(({ conditions }) => conditions.some(({ key }) => /^kms:ResourceAliases$/i.test(key)))
}

/** The condition keys of a call, each read when it is asked for. */
export function contextOfCall(facts: CallFacts): ConditionContext {
  let global: ConditionContext | undefined
  return {
    get(name) {
      const key = name.toLowerCase()
      const read = Object.hasOwn(readers, key) ? readers[key] : undefined
      const value = read?.(facts) ?? ofInput(facts, key)
      if (read || value !== undefined) return listOf(value)
      const [prefix, readPairs] = prefixReaderOf(key) ?? []
      if (prefix && readPairs) return valuesOf(readPairs(facts), key.slice(prefix.length))
      global ??= globalOf(facts)
      return global.get(key)
    },
    hasOneValue: (name) => prefixReaderOf(name.toLowerCase()) !== undefined,
  }
}

function prefixReaderOf(key: string) {
  return prefixReaders.find(([prefix]) => key.startsWith(prefix))
}

function globalOf({ context, now }: CallFacts): ConditionContext {
  const { caller, clientAddress: sourceIp, secure, userAgent, region } = context
  return globalContext({ caller, now, sourceIp, secure, userAgent, region })
}

/** What the operation says of its input. */
function ofInput({ conditionKeys, input }: CallFacts, key: string): ConditionValue {
  if (!conditionKeys) return undefined
  return Object.entries(conditionKeys(input)).find(([name]) => name.toLowerCase() === key)?.[1]
}

function isMultiRegion({ keyId }: KeyRecord): boolean {
  return keyId.startsWith('mrk-')
}

/** What a grant is constrained to stands for the encryption context of CreateGrant. */
function pairsOf({ terms, encryptionContext = {} }: CallFacts): Pairs {
  if (!terms) return Object.entries(encryptionContext)
  const { EncryptionContextEquals = {}, EncryptionContextSubset = {} } = terms.constraints ?? {}
  return [...Object.entries(EncryptionContextEquals), ...Object.entries(EncryptionContextSubset)]
}

/** @returns undefined where there are none: the condition key then is not in the request */
export function keysOf(record: object): readonly string[] | undefined {
  const keys = Object.keys(record)
  return keys.length > 0 ? keys : undefined
}

function tagPairs(tags: SharedMembers['Tags'] = []): Pairs {
  return tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])
}

/** Pairs that differ by the case of their keys alone all answer to the name: which one AWS takes is not known. */
function valuesOf(pairs: Pairs, name: string): readonly string[] | undefined {
  const values = new Set(pairs.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value))
  return values.size > 0 ? [...values] : undefined
}

function calledVia({ context: { via } }: CallFacts): ConditionValue {
  return via && `${via}.amazonaws.com`
}

function listOf(value: ConditionValue): readonly string[] | undefined {
  if (value === undefined) return undefined
  return typeof value === 'object' ? value : [String(value)]
}
