import {
  blob,
  boolean,
  enumeration,
  integer,
  list,
  required,
  type Shape,
  string,
  stringMap,
  structure,
} from '../protocol/shapes.ts'

/** Members that mean the same in every input that has them. */
export interface SharedMembers {
  KeyId?: string
  EncryptionContext?: Record<string, string>
  SourceEncryptionContext?: Record<string, string>
  DestinationEncryptionContext?: Record<string, string>
  CiphertextBlob?: Buffer
  GrantTokens?: readonly string[]
  DryRun?: boolean
  Tags?: readonly { TagKey: string; TagValue: string }[]
  TagKeys?: readonly string[]
}

/** The shapes that several KMS operations share, as AWS's model (kms-2014-11-01) has them. */
export const KeyId = ascii(string({ min: 1, max: 2048 }))
/** The pairs together (evidence: kms-context-limit). */
export const EncryptionContext = stringMap({ characters: 8192 })
export const GrantId = string({ min: 1, max: 128 })
export const GrantTokens = list(string({ min: 1, max: 8192 }), { max: 10 })
export const DryRun = boolean()
export const EncryptionAlgorithm = enumeration([
  'SYMMETRIC_DEFAULT',
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'SM2PKE',
])
export const SigningAlgorithm = enumeration([
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'SM2DSA',
  'ML_DSA_SHAKE_256',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
])
export const PublicKey = blob({ min: 1, max: 8192 })
export const CiphertextBlob = blob({ min: 1, max: 6144 })
export const Plaintext = blob({ min: 1, max: 4096, sensitive: true })
export const NumberOfBytes = integer({ min: 1, max: 1024 })
export const Limit = integer({ min: 1, max: 1000 })
export const Marker = string({ min: 1, max: 1024, pattern: '^[\\u0020-\\u00FF]*$' })
export const AliasName = string({ min: 1, max: 256, pattern: '^[a-zA-Z0-9:/_-]+$' })
export const Description = string({ max: 8192 })
export const Policy = string({ min: 1, max: 131072, pattern: '^[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+$' })
export const PolicyName = string({ min: 1, max: 128, pattern: '^[\\w]+$' })
export const CustomKeyStoreId = string({ min: 1, max: 64 })
export const TagKey = string({ min: 1, max: 128 })
export const Tags = list(structure({ TagKey: required(TagKey), TagValue: required(string({ max: 256 })) }))
/** Of Nitro enclaves and NitroTPM. */
export const Recipient = structure({
  KeyEncryptionAlgorithm: enumeration(['RSAES_OAEP_SHA_256']),
  AttestationDocument: blob({ min: 1, max: 262144 }),
})

/** The model has no pattern for key identifiers, yet the service takes ASCII alone (evidence: kms-refusal-order). */
function ascii({ description, read }: Shape<string>): Shape<string> {
  return {
    description,
    read(value, faults) {
      const text = read(value, faults)
      if (/^[\x00-\x7f]*$/.test(text)) return text
      const words = 'Member must satisfy regular expression pattern: ^\\p{ASCII}+$'
      faults.push({ path: [], kind: 'constraint', words, value: text })
      return text
    },
  }
}
