import type { KmsOperation } from '../operation.ts'
import { CreateAlias, DeleteAlias, ListAliases, UpdateAlias } from './aliases.ts'
import { GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext } from './data-key-pairs.ts'
import { GenerateDataKey, GenerateDataKeyWithoutPlaintext } from './data-keys.ts'
import { Decrypt, Encrypt, ReEncrypt } from './encryption.ts'
import { RetireGrant, RevokeGrant } from './grant-retirement.ts'
import { CreateGrant, ListGrants, ListRetirableGrants } from './grants.ts'
import { CancelKeyDeletion, ScheduleKeyDeletion } from './key-deletion.ts'
import { DisableKey, EnableKey } from './key-enabling.ts'
import { GetKeyLastUsage } from './key-last-usage.ts'
import { DeleteImportedKeyMaterial, GetParametersForImport, ImportKeyMaterial } from './key-material-import.ts'
import { GetKeyPolicy, ListKeyPolicies, PutKeyPolicy } from './key-policies.ts'
import {
  DisableKeyRotation,
  EnableKeyRotation,
  GetKeyRotationStatus,
  ListKeyRotations,
  RotateKeyOnDemand,
} from './key-rotation.ts'
import { CreateKey, DescribeKey, ListKeys, UpdateKeyDescription } from './keys.ts'
import { GenerateMac, VerifyMac } from './macs.ts'
import { ReplicateKey, UpdatePrimaryRegion } from './multi-region-keys.ts'
import { GetPublicKey } from './public-keys.ts'
import { GenerateRandom } from './random.ts'
import { DeriveSharedSecret } from './shared-secrets.ts'
import { Sign, Verify } from './signing.ts'
import { ListResourceTags, TagResource, UntagResource } from './tags.ts'
import { unsupportedOperations } from './unsupported.ts'

/** The operations that do something, in the order of AWS's API reference. */
export const supportedOperations: readonly KmsOperation[] = [
  CancelKeyDeletion,
  CreateAlias,
  CreateGrant,
  CreateKey,
  Decrypt,
  DeleteAlias,
  DeleteImportedKeyMaterial,
  DeriveSharedSecret,
  DescribeKey,
  DisableKey,
  DisableKeyRotation,
  EnableKey,
  EnableKeyRotation,
  Encrypt,
  GenerateDataKey,
  GenerateDataKeyPair,
  GenerateDataKeyPairWithoutPlaintext,
  GenerateDataKeyWithoutPlaintext,
  GenerateMac,
  GenerateRandom,
  GetKeyLastUsage,
  GetKeyPolicy,
  GetKeyRotationStatus,
  GetParametersForImport,
  GetPublicKey,
  ImportKeyMaterial,
  ListAliases,
  ListGrants,
  ListKeyPolicies,
  ListKeyRotations,
  ListKeys,
  ListResourceTags,
  ListRetirableGrants,
  PutKeyPolicy,
  ReEncrypt,
  ReplicateKey,
  RetireGrant,
  RevokeGrant,
  RotateKeyOnDemand,
  ScheduleKeyDeletion,
  Sign,
  TagResource,
  UntagResource,
  UpdateAlias,
  UpdateKeyDescription,
  UpdatePrimaryRegion,
  Verify,
  VerifyMac,
]

/** Every operation of the KMS API, by name. */
export const kmsOperations: ReadonlyMap<string, KmsOperation> = new Map(
  [...supportedOperations, ...unsupportedOperations].map((operation) => [operation.name, operation]),
)
