import { boolean, enumeration, required, string, structure } from '../../protocol/shapes.ts'
import { refuseLockout } from '../calls/permission.ts'
import { requireOffered } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { notPendingDeletion } from '../key-state.ts'
import { arnOf, type KeyRecord, type Tag } from '../keys/key.ts'
import { isKeyId } from '../keys/key-identifier.ts'
import { metadataOf } from '../keys/key-metadata.ts'
import { checkPolicyDocument, defaultPolicy } from '../keys/key-policy.ts'
import { type KeySpec, type KeyUsage, keySpecNames, keySpecs, keyUsages, materialLengths } from '../keys/key-specs.ts'
import { isKeyIdTaken, listKeys, putKey } from '../keys/key-store.ts'
import { hasKeyPair } from '../material/private-keys.ts'
import { type KmsCall, type KmsOperation, kmsOperation } from '../operation.ts'
import { pageOf, positionOfMarker } from '../pages.ts'
import { CustomKeyStoreId, Description, GrantTokens, KeyId, Limit, Marker, Policy, Tags } from '../shapes.ts'
import { checkTags } from './tags.ts'

const symmetric = 'SYMMETRIC_DEFAULT'

interface CreateKeyInput {
  Policy?: string
  Description?: string
  KeyUsage?: KeyUsage
  CustomerMasterKeySpec?: KeySpec
  KeySpec?: KeySpec
  Origin?: string
  CustomKeyStoreId?: string
  Tags?: Tag[]
  MultiRegion?: boolean
  XksKeyId?: string
}

export const CreateKey: KmsOperation = kmsOperation({
  name: 'CreateKey',
  input: structure({
    Policy,
    Description,
    KeyUsage: enumeration(keyUsages),
    CustomerMasterKeySpec: enumeration(keySpecNames),
    KeySpec: enumeration(keySpecNames),
    Origin: enumeration(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']),
    CustomKeyStoreId,
    BypassPolicyLockoutSafetyCheck: boolean(),
    Tags,
    MultiRegion: boolean(),
    XksKeyId: string({ min: 1, max: 128, pattern: '^[a-zA-Z0-9-_.]+$' }),
  }),
  readOnly: false,
  differs:
    'Asymmetric keys only with --asymmetric-keys; ML-DSA, SM2 and custom key stores are refused. No quota of keys is kept.',
  check(input) {
    if (input.KeySpec && input.CustomerMasterKeySpec) {
      throw kmsErrors.ValidationException(
        'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
      )
    }
    refuseKeyStores(input)
    if (input.Policy !== undefined) checkPolicyDocument(input.Policy)
    checkTags([], input.Tags ?? [])
  },
  // CustomerMasterKeySpec is the older name of KeySpec (API reference).
  normalize: ({ CustomerMasterKeySpec, KeySpec = CustomerMasterKeySpec ?? symmetric, ...input }) => ({
    ...input,
    KeySpec,
  }),
  // CreateKey's API reference: tags take a permission of their own.
  alsoAsks: (_call, { input: { Tags = [] } }) =>
    Tags.length > 0 ? [{ action: 'kms:TagResource', resource: '*' }] : [],
  conditionKeys: ({ KeySpec = symmetric, KeyUsage = 'ENCRYPT_DECRYPT', ...input }) => ({
    'kms:KeySpec': KeySpec,
    'kms:CustomerMasterKeySpec': KeySpec,
    'kms:KeyUsage': KeyUsage,
    'kms:CustomerMasterKeyUsage': KeyUsage,
    'kms:KeyOrigin': input.Origin ?? 'AWS_KMS',
    'kms:MultiRegion': input.MultiRegion ?? false,
    'kms:BypassPolicyLockoutSafetyCheck': input.BypassPolicyLockoutSafetyCheck ?? false,
  }),
  audit: {
    request: [
      'Policy',
      'Description',
      'KeyUsage',
      'CustomerMasterKeySpec',
      'KeySpec',
      'Origin',
      'BypassPolicyLockoutSafetyCheck',
      'Tags',
      'MultiRegion',
    ],
    // CloudTrail shows these whether they were sent or not.
    defaults: {
      policy: '',
      description: '',
      keyUsage: 'ENCRYPT_DECRYPT',
      customerMasterKeySpec: symmetric,
      keySpec: symmetric,
      origin: 'AWS_KMS',
      bypassPolicyLockoutSafetyCheck: false,
      tags: [],
      multiRegion: false,
    },
    response: ['KeyMetadata'],
  },
  async handle(call, { input }) {
    refuseLockout(CreateKey, call, input)
    const { keySpec, keyUsage } = specOf(call, input)
    const keyId = newKeyId(call, input.MultiRegion === true)
    const origin = input.Origin === 'EXTERNAL' ? 'EXTERNAL' : 'AWS_KMS'
    const key: KeyRecord = {
      ...call.place,
      keyId,
      description: input.Description ?? '',
      keySpec,
      keyUsage,
      origin,
      keyManager: 'CUSTOMER',
      creationDate: call.now,
      enabled: true,
      policy: input.Policy ?? defaultPolicy(call.place.accountId),
      tags: input.Tags ?? [],
      currentMaterialId: origin === 'EXTERNAL' ? undefined : await newMaterial(call, keyId, keySpec),
      multiRegion: input.MultiRegion ? { primaryRegion: call.place.region, replicas: [] } : undefined,
    }
    putKey(call.transaction, key)
    return { output: { KeyMetadata: metadataOf(key) }, made: [key] }
  },
})

export const DescribeKey = kmsOperation({
  name: 'DescribeKey',
  input: structure({ KeyId: required(KeyId), GrantTokens }),
  readOnly: true,
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId'] },
  handle: (_call, { targets: [{ key }] }) => ({ output: { KeyMetadata: metadataOf(key) } }),
})

export const ListKeys = kmsOperation({
  name: 'ListKeys',
  input: structure({ Limit, Marker }),
  readOnly: true,
  audit: { request: ['Limit', 'Marker'] },
  async handle({ transaction, place, now }, { input }) {
    const keys = listKeys(transaction, place, now, positionOfMarker(input.Marker))
    const { rows, ...paging } = await pageOf(keys, input.Limit ?? 100, ({ keyId }) => keyId)
    const Keys = rows.map((key) => ({ KeyId: key.keyId, KeyArn: arnOf(key) }))
    return { output: { Keys, ...paging } }
  },
})

export const UpdateKeyDescription = kmsOperation({
  name: 'UpdateKeyDescription',
  input: structure({ KeyId: required(KeyId), Description: required(Description) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: notPendingDeletion,
  audit: { request: ['KeyId', 'Description'] },
  handle({ transaction }, { input, targets: [{ key }] }) {
    putKey(transaction, { ...key, description: input.Description })
    return undefined
  },
})

/** Key material comes from KMS itself or is imported; stores of keys elsewhere are refused by name. */
function refuseKeyStores({ Origin, CustomKeyStoreId, XksKeyId }: CreateKeyInput): void {
  if (CustomKeyStoreId || XksKeyId || Origin === 'AWS_CLOUDHSM' || Origin === 'EXTERNAL_KEY_STORE') {
    throw kmsErrors.UnsupportedOperationException('Custom key stores are not supported.')
  }
}

/** Asymmetric keys are made only where the option opens them. Fixtures declare them anyway, to be refused with. */
function specOf({ context, services }: KmsCall, input: CreateKeyInput): { keySpec: KeySpec; keyUsage: KeyUsage } {
  const { KeySpec: keySpec = symmetric } = input
  if (!context.fixture) requireOffered(services, keySpec)
  const { usages } = keySpecs[keySpec]
  if (!input.KeyUsage && keySpec !== symmetric && !context.fixture) {
    throw kmsErrors.ValidationException(
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    )
  }
  const keyUsage = input.KeyUsage ?? usages[0] ?? 'ENCRYPT_DECRYPT'
  if (usages.includes(keyUsage)) return { keySpec, keyUsage }
  throw kmsErrors.ValidationException(`KeyUsage ${keyUsage} is not compatible with KeySpec ${keySpec}`)
}

/** @returns undefined for what a fixture declares and nobody can make here */
async function newMaterial(call: KmsCall, keyId: string, keySpec: KeySpec): Promise<string | undefined> {
  const { transaction, place, services } = call
  const { materials } = services
  const length = materialLengths[keySpec]
  if (length !== undefined) return materials.create(transaction, keyId, length)
  if (!services.asymmetricKeys || !hasKeyPair(keySpec)) return undefined
  const privateKey = await services.privateKeys.make(keySpec)
  return materials.keep(transaction, { keyId, origin: 'AWS_KMS', region: place.region }, privateKey)
}

function newKeyId({ context, services, transaction, place }: KmsCall, isMultiRegion: boolean): string {
  const keyId = context.fixture?.keyId
  if (keyId === undefined)
    return isMultiRegion ? `mrk-${services.ambient.uuid().replaceAll('-', '')}` : services.ambient.uuid()
  if (!isKeyId(keyId) || keyId.startsWith('mrk-') !== isMultiRegion) {
    throw kmsErrors.ValidationException(`Invalid keyId '${keyId}'`)
  }
  if (!isKeyIdTaken(transaction, place.region, keyId)) return keyId
  throw kmsErrors.AlreadyExistsException(`A key with the id ${keyId} already exists`)
}
