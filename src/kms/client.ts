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
  Plaintext: Buffer
  CiphertextBlob: Buffer
}

export interface DecryptInput {
  CiphertextBlob: Buffer
  EncryptionContext?: EncryptionContext
}

export interface DecryptOutput {
  KeyId: string
  Plaintext: Buffer
}

/**
 * KMS as another service in this process calls it: typed calls through the KMS endpoint, in process, as the caller's forward
 * access session. A refusal is thrown as the AwsError that KMS answered (code without prefix, KMS's message and status).
 */
export interface KmsClient {
  generateDataKey(input: GenerateDataKeyInput, session: ForwardedSession): Promise<GenerateDataKeyOutput>
  decrypt(input: DecryptInput, session: ForwardedSession): Promise<DecryptOutput>
}

/** KMS's endpoint behind the reading of requests: all else that a call from outside meets, a call from S3 meets too. */
type Endpoint = (operation: string, input: object, session: ForwardedSession) => Promise<object | undefined>

export function createKmsClient(endpoint: Endpoint): KmsClient {
  return {
    async generateDataKey(input, session) {
      const output = await endpoint('GenerateDataKey', input, session)
      return {
        KeyId: text(output, 'KeyId'),
        Plaintext: bytes(output, 'Plaintext'),
        CiphertextBlob: bytes(output, 'CiphertextBlob'),
      }
    },
    async decrypt(input, session) {
      const output = await endpoint('Decrypt', input, session)
      return { KeyId: text(output, 'KeyId'), Plaintext: bytes(output, 'Plaintext') }
    },
  }
}

function text(output: object | undefined, name: string): string {
  const value = memberOf(output, name)
  if (typeof value !== 'string') throw new Error(`KMS's answer has no ${name}`)
  return value
}

function bytes(output: object | undefined, name: string): Buffer {
  const value = memberOf(output, name)
  if (!Buffer.isBuffer(value)) throw new Error(`KMS's answer has no ${name}`)
  return value
}

function memberOf(output: object | undefined, name: string): unknown {
  return output && Reflect.get(output, name)
}
