import type { Hono } from 'hono'
import { AwsError } from '../aws/errors.ts'
import type { Environment, ForwardedSession } from '../protocol/http.ts'

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

/** The client over an endpoint: the same bytes as over a socket, with the session beside them. */
export function createKmsClient(endpoint: Hono<{ Bindings: Environment }>): KmsClient {
  return {
    async generateDataKey(input, session) {
      const output = await send(endpoint, 'GenerateDataKey', input, session)
      return {
        KeyId: text(output, 'KeyId'),
        Plaintext: bytes(output, 'Plaintext'),
        CiphertextBlob: bytes(output, 'CiphertextBlob'),
      }
    },
    async decrypt({ CiphertextBlob, EncryptionContext }, session) {
      const input = { CiphertextBlob: Buffer.from(CiphertextBlob).toString('base64'), EncryptionContext }
      const output = await send(endpoint, 'Decrypt', input, session)
      return { KeyId: text(output, 'KeyId'), Plaintext: bytes(output, 'Plaintext') }
    },
  }
}

async function send(
  endpoint: Hono<{ Bindings: Environment }>,
  operation: string,
  input: object,
  session: ForwardedSession,
): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` }
  const request = new Request('http://kms/', { method: 'POST', headers, body: JSON.stringify(input) })
  const response = await endpoint.fetch(request, { session })
  const answer = JSON.parse((await response.text()) || '{}')
  if (response.ok) return answer
  throw new AwsError(text(answer, '__type'), answer.message ?? '', response.status)
}

function text(answer: Record<string, unknown>, name: string): string {
  const value = answer[name]
  if (typeof value !== 'string') throw new Error(`KMS's answer has no ${name}`)
  return value
}

function bytes(answer: Record<string, unknown>, name: string): Uint8Array {
  return Buffer.from(text(answer, name), 'base64')
}
