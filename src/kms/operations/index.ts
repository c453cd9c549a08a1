import type { KmsOperation } from '../operation.ts'
import { CreateAlias, DeleteAlias, ListAliases, UpdateAlias } from './aliases.ts'
import { Decrypt, Encrypt, ReEncrypt } from './cryptography.ts'
import { GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext } from './data-key-pairs.ts'
import { GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom } from './data-keys.ts'
import { CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant } from './grants.ts'
import { DeleteImportedKeyMaterial, GetParametersForImport, ImportKeyMaterial } from './import.ts'
import { CancelKeyDeletion, DisableKey, EnableKey, ScheduleKeyDeletion } from './key-states.ts'
import { CreateKey, DescribeKey, ListKeys, UpdateKeyDescription } from './keys.ts'
import { GetKeyLastUsage } from './last-usage.ts'
import { GenerateMac, VerifyMac } from './macs.ts'
import { ReplicateKey, UpdatePrimaryRegion } from './multi-region.ts'
import { GetKeyPolicy, ListKeyPolicies, PutKeyPolicy } from './policies.ts'
import { DeriveSharedSecret, GetPublicKey } from './public-keys.ts'
import {
  DisableKeyRotation,
  EnableKeyRotation,
  GetKeyRotationStatus,
  ListKeyRotations,
  RotateKeyOnDemand,
} from './rotation.ts'
import { Sign, Verify } from './signing.ts'
import { ListResourceTags, TagResource, UntagResource } from './tags.ts'
import { unsupportedOperations } from './unsupported.ts'

/** The operations that do something. */
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
