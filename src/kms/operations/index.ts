import type { KmsOperation } from '../operation.ts'
import { CreateAlias, DeleteAlias, ListAliases, UpdateAlias } from './aliases.ts'
import { Decrypt, Encrypt, ReEncrypt } from './cryptography.ts'
import { GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom } from './data-keys.ts'
import { CancelKeyDeletion, DisableKey, EnableKey, GetKeyRotationStatus, ScheduleKeyDeletion } from './key-states.ts'
import { CreateKey, DescribeKey, ListKeys, UpdateKeyDescription } from './keys.ts'
import { GetKeyPolicy, ListKeyPolicies, PutKeyPolicy } from './policies.ts'
import { ListResourceTags, TagResource, UntagResource } from './tags.ts'
import { unsupportedOperations } from './unsupported.ts'

/** The operations that do something. */
export const supportedOperations: readonly KmsOperation[] = [
  CancelKeyDeletion,
  CreateAlias,
  CreateKey,
  Decrypt,
  DeleteAlias,
  DescribeKey,
  DisableKey,
  EnableKey,
  Encrypt,
  GenerateDataKey,
  GenerateDataKeyWithoutPlaintext,
  GenerateRandom,
  GetKeyPolicy,
  GetKeyRotationStatus,
  ListAliases,
  ListKeyPolicies,
  ListKeys,
  ListResourceTags,
  PutKeyPolicy,
  ReEncrypt,
  ScheduleKeyDeletion,
  TagResource,
  UntagResource,
  UpdateAlias,
  UpdateKeyDescription,
]

/** Every operation of the KMS API, by name. */
export const kmsOperations: ReadonlyMap<string, KmsOperation> = new Map(
  [...supportedOperations, ...unsupportedOperations].map((operation) => [operation.name, operation]),
)
