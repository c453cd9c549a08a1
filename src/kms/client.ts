import { AwsError } from '../aws/errors.ts'
import type { ForwardedSession, HttpCall } from '../protocol/http.ts'

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

/** KMS's endpoint, behind the reading of a web request: all else a call from outside meets, it meets too. */
type Endpoint = (http: HttpCall) => Promise<{ status: number; body?: string }>

/** The client over an endpoint: the same bytes as over a socket, with the session beside them. */
export function createKmsClient(endpoint: Endpoint): KmsClient {
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
  endpoint: Endpoint,
  operation: string,
  input: object,
  session: ForwardedSession,
): Promise<Record<string, unknown>> {
  const { status, body } = await endpoint(callOf(operation, JSON.stringify(input), session))
  const answer = JSON.parse(body || '{}')
  if (status === 200) return answer
  throw new AwsError(text(answer, '__type'), answer.message ?? '', status)
}

/** What a listener would have read from the socket, without the web Request (that costs more than the call itself). */
function callOf(operation: string, body: string, session: ForwardedSession): HttpCall {
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
    body: once(Buffer.from(body)),
    clientAddress: '127.0.0.1',
    secure: true,
    session,
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function text(answer: Record<string, unknown>, name: string): string {
  const value = answer[name]
  if (typeof value !== 'string') throw new Error(`KMS's answer has no ${name}`)
  return value
}

function bytes(answer: Record<string, unknown>, name: string): Uint8Array {
  return Buffer.from(text(answer, name), 'base64')
}
