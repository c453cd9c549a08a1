import type { Caller } from '../aws/caller.ts'

/** What belongs to an access key. */
export interface Credential {
  caller: Caller
  /** Undefined: the key is unknown and taken at its word (`--auth permissive`): its signature cannot be checked. */
  secretAccessKey?: string
  /** Everybody knows the secret, so a signature with it verifies and proves nothing. */
  isPublic?: true
  /** Of temporary credentials: must come with the request. */
  sessionToken?: string
  /** Temporary credentials past their time: known, and refused (ExpiredToken). */
  isExpired?: boolean
}

export interface CredentialSource {
  /** @returns undefined when no such access key exists (InvalidAccessKeyId, UnrecognizedClientException) */
  find(accessKeyId: string): Credential | undefined
}

/** How the body is to be read: what the signature says about it. */
export type PayloadCoding =
  | { coding: 'unsigned' }
  | { coding: 'sha256'; digest: string }
  | {
      coding: 'aws-chunked'
      trailer: boolean
      /** Present when every chunk carries a signature that continues from `seed`; absent for the UNSIGNED form, or an unknown key. */
      signing?: { key: Buffer; seed: string; date: string; scope: string }
    }

/** Who asks, and how that was proven. */
export interface Authentication {
  caller: Caller
  signature: 'SigV4' | 'SigV2' | 'none'
  method: 'AuthHeader' | 'QueryString' | 'PostForm' | 'none'
  /** From the credential scope; the emulator's own Region when there is none (SigV2, anonymous). */
  region: string
  payload: PayloadCoding
}

/** A request's body, unframed and verified: reading it to the end is what proves it. */
export interface RequestBody {
  /** Bytes of the payload itself (Content-Length or x-amz-decoded-content-length); undefined when neither was sent. */
  readonly length: number | undefined
  /** The payload. Throws AwsError where length, chunk signature or content hash turn out wrong. Iterate once. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Trailing headers (lower-case); complete once `bytes` has ended. */
  readonly trailers: Record<string, string>
  /** The value of x-amz-trailer: which trailers to expect, lower-case. */
  readonly announcedTrailers: readonly string[]
}
