import { globalContext } from '../../aws/policy.ts'
import type { ConditionContext } from '../../aws/policy-conditions.ts'
import type { CallContext } from '../call-context.ts'
import type { EncryptionContext } from '../client.ts'
import type { GrantConstraints } from '../grants/grant-store.ts'
import { isPrimary, type KeyRecord, type Tag } from '../keys/key.ts'

/*
 * The condition keys of KMS (KMS Developer Guide, "AWS KMS condition keys", and the global ones): one reader a key. A value
 * is looked up when a statement asks for it and not before: most policies ask for none.
 */

/** All that a policy may ask of a call. */
export interface CallFacts {
  context: CallContext
  /** ms since the epoch */
  now: number
  /** `GenerateDataKey` */
  operation: string
  input: object
  key?: KeyRecord
  /** As the request names the key. */
  identifier?: string
  encryptionContext?: EncryptionContext
  /** Of a cryptographic operation. */
  encryptionAlgorithm?: string
  /** Of ReEncrypt. */
  isSameKey?: boolean
  /** The aliases of the key; read only for policies that ask. */
  aliases?: readonly string[]
}

type Value = string | number | boolean | readonly string[] | undefined
type ReadValue = (facts: CallFacts) => Value

/** Condition keys by their lower-case names, as the names ignore case. */
const readers: Readonly<Record<string, ReadValue>> = {
  'kms:calleraccount': ({ context }) => context.caller.accountId || undefined,
  'kms:viaservice': ({ context: { via, region } }) => via && `${via}.${region}.amazonaws.com`,
  'kms:encryptioncontextkeys': (facts) => keysOf(Object.fromEntries(pairsOf(facts))),
  'kms:encryptionalgorithm': ({ encryptionAlgorithm }) => encryptionAlgorithm,
  'kms:requestalias': ({ identifier }) => /(?:^|:)(alias\/.+)$/.exec(identifier ?? '')?.[1],
  'kms:resourcealiases': ({ aliases }) => (aliases?.length === 0 ? undefined : aliases),
  'kms:reencryptonsamekey': ({ isSameKey }) => isSameKey,

  'kms:keyspec': keySpecOf,
  'kms:customermasterkeyspec': keySpecOf,
  'kms:keyusage': keyUsageOf,
  'kms:customermasterkeyusage': keyUsageOf,
  'kms:keyorigin': ofKey('origin', 'Origin', 'AWS_KMS'),
  'kms:multiregion': ({ key, operation, input }) => (key ? isMultiRegion(key) : makes(operation, input, 'MultiRegion')),
  'kms:multiregionkeytype': ({ key }) =>
    key && isMultiRegion(key) ? (isPrimary(key) ? 'PRIMARY' : 'REPLICA') : undefined,

  'kms:bypasspolicylockoutsafetycheck': of(
    ['CreateKey', 'PutKeyPolicy', 'ReplicateKey'],
    'BypassPolicyLockoutSafetyCheck',
    false,
  ),
  'kms:schedulekeydeletionpendingwindowindays': of(['ScheduleKeyDeletion'], 'PendingWindowInDays', 30),
  // 365 when none is sent (evidence: kms-rotation-period).
  'kms:rotationperiodindays': of(['EnableKeyRotation'], 'RotationPeriodInDays', 365),
  'kms:expirationmodel': of(['ImportKeyMaterial'], 'ExpirationModel', 'KEY_MATERIAL_EXPIRES'),
  'kms:validto': (facts) => dateOf(of(['ImportKeyMaterial'], 'ValidTo')(facts)),
  'kms:wrappingalgorithm': of(['GetParametersForImport'], 'WrappingAlgorithm'),
  'kms:wrappingkeyspec': of(['GetParametersForImport'], 'WrappingKeySpec'),
  'kms:primaryregion': of(['UpdatePrimaryRegion'], 'PrimaryRegion'),
  'kms:replicaregion': of(['ReplicateKey'], 'ReplicaRegion'),
  'kms:macalgorithm': of(['GenerateMac', 'VerifyMac'], 'MacAlgorithm'),
  'kms:signingalgorithm': of(['Sign', 'Verify'], 'SigningAlgorithm'),
  'kms:messagetype': of(['Sign', 'Verify'], 'MessageType', 'RAW'),
  'kms:datakeypairspec': of(['GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext'], 'KeyPairSpec'),
  'kms:keyagreementalgorithm': of(['DeriveSharedSecret'], 'KeyAgreementAlgorithm'),

  'kms:grantconstrainttype': ({ operation, input }) =>
    operation === 'CreateGrant' ? keysOf(grantConstraintsOf(input)) : undefined,
  'kms:grantoperations': of(['CreateGrant'], 'Operations'),
  'kms:granteeprincipal': of(['CreateGrant'], 'GranteePrincipal'),
  'kms:retiringprincipal': of(['CreateGrant'], 'RetiringPrincipal'),
  'kms:grantisforawsresource': ({ context, operation }) =>
    ['CreateGrant', 'ListGrants', 'RevokeGrant'].includes(operation) ? context.via !== undefined : undefined,

  'aws:resourceaccount': ({ key }) => key?.accountId,
  'aws:tagkeys': ({ input }) => tagKeysOf(input),
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
  ['aws:requesttag/', ({ input }) => tagPairs('Tags' in input ? input.Tags : undefined)],
]

/** The condition keys of a call, each read when it is asked for. */
export function contextOfCall(facts: CallFacts): ConditionContext {
  let global: ConditionContext | undefined
  return {
    get(name) {
      const key = name.toLowerCase()
      const read = Object.hasOwn(readers, key) ? readers[key] : undefined
      if (read) return listOf(read(facts))
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

/** The value of an input member, for the operations that have it. */
function of(operations: readonly string[], member: string, otherwise?: Value): ReadValue {
  return ({ operation, input }) => (operations.includes(operation) ? memberOf(input, member, otherwise) : undefined)
}

/** A property of the key, or of the one that CreateKey is about to make. */
function ofKey(property: 'origin' | 'keyUsage' | 'keySpec', member: string, otherwise: string): ReadValue {
  return ({ key, operation, input }) => key?.[property] ?? makes(operation, input, member, otherwise)
}

function keySpecOf(facts: CallFacts): Value {
  return ofKey('keySpec', 'KeySpec', 'SYMMETRIC_DEFAULT')(facts)
}

function keyUsageOf(facts: CallFacts): Value {
  return ofKey('keyUsage', 'KeyUsage', 'ENCRYPT_DECRYPT')(facts)
}

function makes(operation: string, input: object, member: string, otherwise: Value = false): Value {
  return operation === 'CreateKey' ? memberOf(input, member, otherwise) : undefined
}

function isMultiRegion({ keyId }: KeyRecord): boolean {
  return keyId.startsWith('mrk-')
}

/** What a grant is constrained to stands for the encryption context of CreateGrant. */
function pairsOf({ operation, input, encryptionContext = {} }: CallFacts): Pairs {
  if (operation !== 'CreateGrant') return Object.entries(encryptionContext)
  const { EncryptionContextEquals = {}, EncryptionContextSubset = {} } = grantConstraintsOf(input)
  return [...Object.entries(EncryptionContextEquals), ...Object.entries(EncryptionContextSubset)]
}

/** Of CreateGrant's input in its normal form. */
export function grantConstraintsOf(input: object): GrantConstraints {
  return 'Constraints' in input && input.Constraints ? input.Constraints : {}
}

function keysOf(record: object): readonly string[] | undefined {
  const keys = Object.keys(record)
  return keys.length > 0 ? keys : undefined
}

function tagPairs(tags: unknown): Pairs {
  return Array.isArray(tags) ? tags.map(({ TagKey, TagValue }: Tag) => [TagKey, TagValue]) : []
}

function tagKeysOf(input: object): Value {
  const keys = 'TagKeys' in input && Array.isArray(input.TagKeys) ? input.TagKeys : undefined
  return keys ?? keysOf(Object.fromEntries(tagPairs('Tags' in input ? input.Tags : undefined)))
}

/** Pairs that differ by the case of their keys alone all answer to the name: which one AWS takes is not known. */
function valuesOf(pairs: Pairs, name: string): readonly string[] | undefined {
  const values = new Set(pairs.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value))
  return values.size > 0 ? [...values] : undefined
}

function calledVia({ context: { via } }: CallFacts): Value {
  return via && `${via}.amazonaws.com`
}

function memberOf(input: object, member: string, otherwise?: Value): Value {
  const value: unknown = Reflect.get(input, member) ?? otherwise
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return Array.isArray(value) ? value.map(String) : undefined
}

/** Timestamps are milliseconds inside, dates in conditions are ISO 8601. */
function dateOf(value: Value): Value {
  return typeof value === 'number' ? new Date(value).toISOString() : undefined
}

function listOf(value: Value): readonly string[] | undefined {
  if (value === undefined) return undefined
  return typeof value === 'object' ? value : [String(value)]
}
