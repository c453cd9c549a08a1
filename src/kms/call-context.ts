import type { Caller } from '../aws/caller.ts'

/** Who calls, from where, and as what. */
export interface CallContext {
  caller: Caller
  region: string
  /** The service that calls on the caller's behalf. */
  via?: 's3'
  requestId: string
  /** The request of that service for which it calls. */
  causeId?: string
  clientAddress: string
  userAgent: string
  hostHeader?: string
  secure: boolean
  /** Set for calls that apply fixtures, never from the wire: CreateKey takes a fixed id and declares keys it cannot make. */
  fixture?: { keyId?: string }
}
