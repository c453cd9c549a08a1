import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { userCaller } from '../aws/caller.ts'
import type { Credential, CredentialSource } from './authentication.ts'
import type { HttpCall } from './http.ts'
import { encodeUri } from './uri.ts'

/** AWS's own example credentials. */
export const example = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
export const caller = userCaller('111122223333', 'example', example.accessKeyId)

/** The example key, an unknown key taken at its word, and temporary credentials. */
export const credentials: CredentialSource = {
  find: (accessKeyId) => known[accessKeyId],
}

const known: Record<string, Credential> = {
  [example.accessKeyId]: { caller, secretAccessKey: example.secretAccessKey },
  unknown: { caller: userCaller('111122223333', 'unknown', 'unknown') },
  ASIATEMPORARY: { caller, secretAccessKey: 'temporary', sessionToken: 'token+/=' },
}

/** A call as an endpoint sees it. */
export function callOf(method: string, target: string, headers: Record<string, string> = {}): HttpCall {
  const [path = '/', query = ''] = target.split(/\?(.*)/s)
  return { method, path, query, headers, body: emptyBody(), clientAddress: '127.0.0.1', secure: false }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

class Sha256 {
  readonly #hash
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(key))
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

function bytesOf(key: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof key === 'string') return Buffer.from(key)
  return ArrayBuffer.isView(key) ? new Uint8Array(key.buffer, key.byteOffset, key.byteLength) : new Uint8Array(key)
}

/** The AWS SDK's own signer. */
export function signer(
  service: string,
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = example,
) {
  return new SignatureV4({
    service,
    region: 'us-east-1',
    credentials: keys,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: service !== 's3',
  })
}

/** Turns what the SDK's signer gives into a call. */
export function callFrom(request: {
  method: string
  path: string
  headers: Record<string, string>
  query?: Record<string, unknown>
}) {
  const query = Object.entries(request.query ?? {}).map(
    ([name, value]) => `${encodeUri(name)}=${encodeUri(String(value))}`,
  )
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return callOf(request.method, `${request.path}?${query.join('&')}`, headers)
}
