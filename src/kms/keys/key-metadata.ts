import { keyArn } from '../../aws/arn.ts'
import { arnOf, isSymmetric, type KeyRecord, optionalSeconds, seconds, stateOf } from './key.ts'
import { type KeyUsage, keySpecs } from './key-specs.ts'

/** KeyMetadata as DescribeKey, CreateKey and ReplicateKey show it (evidence: kms-key-metadata). */
export function metadataOf(key: KeyRecord) {
  const state = stateOf(key)
  return {
    AWSAccountId: key.accountId,
    KeyId: key.keyId,
    Arn: arnOf(key),
    CreationDate: seconds(key.creationDate),
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyUsage: key.keyUsage,
    KeyState: state,
    DeletionDate: optionalSeconds(key.deletionDate),
    PendingDeletionWindowInDays: key.deletionWindow,
    ...expirationOf(key),
    Origin: key.origin,
    KeyManager: key.keyManager,
    CustomerMasterKeySpec: key.keySpec,
    KeySpec: key.keySpec,
    ...algorithmsOf(key),
    ...multiRegionOf(key),
    CurrentKeyMaterialId: isSymmetric(key) ? key.currentMaterialId : undefined,
  }
}

const algorithmMembers: Record<KeyUsage, string> = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
}

/** The member of a reply that lists what a key can do. */
export function algorithmsOf({ keySpec, keyUsage }: KeyRecord) {
  return { [algorithmMembers[keyUsage]]: keySpecs[keySpec].algorithms[keyUsage] }
}

/** Only while the material is there. */
function expirationOf({ imports, currentMaterialId = '' }: KeyRecord) {
  const imported = imports?.[currentMaterialId]
  if (!imported) return {}
  return { ExpirationModel: expirationModelOf(imported.validTo), ValidTo: optionalSeconds(imported.validTo) }
}

export function expirationModelOf(validTo: number | undefined) {
  return validTo === undefined ? 'KEY_MATERIAL_DOES_NOT_EXPIRE' : 'KEY_MATERIAL_EXPIRES'
}

function multiRegionOf({ multiRegion, region, accountId, keyId }: KeyRecord) {
  if (!multiRegion) return { MultiRegion: false }
  const { primaryRegion, replicas } = multiRegion
  const member = (Region: string) => ({ Arn: keyArn(Region, accountId, keyId), Region })
  const MultiRegionConfiguration = {
    MultiRegionKeyType: primaryRegion === region ? 'PRIMARY' : 'REPLICA',
    PrimaryKey: member(primaryRegion),
    ReplicaKeys: replicas.map((replica) => member(replica.region)),
  }
  return { MultiRegion: true, MultiRegionConfiguration }
}
