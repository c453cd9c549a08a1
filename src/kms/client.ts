import type { ForwardedSession } from '../protocol/http.ts'

export type EncryptionContext = Record<string, string>

export interface GenerateDataKeyInput {
  KeyId: string
  KeySpec: 'AES_256'
  EncryptionContext?: EncryptionContext
}

export interface GenerateDataKeyOutput {
  /** The key's ARN. */
  KeyId: string
  Plaintext: Uint8Array
  CiphertextBlob: Uint8Array
}

export interface DecryptInput {
  CiphertextBlob: Uint8Array
  EncryptionContext?: EncryptionContext
}

export interface DecryptOutput {
  KeyId: string
  Plaintext: Uint8Array
}

/**
 * KMS as another service of the house calls it: typed calls through the KMS endpoint, in process, as the caller's forward
 * access session. A refusal is thrown as the AwsError that KMS answered (code without prefix, KMS's message and status).
 */
export interface KmsClient {
  generateDataKey(input: GenerateDataKeyInput, session: ForwardedSession): Promise<GenerateDataKeyOutput>
  decrypt(input: DecryptInput, session: ForwardedSession): Promise<DecryptOutput>
}
