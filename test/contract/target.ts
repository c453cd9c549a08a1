import { IAMClient } from '@aws-sdk/client-iam'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'

/* Who is asked: the emulator, or an account of AWS. Both by the same calls of the same SDK. */

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export interface Clients {
  s3: S3Client
  kms: KMSClient
  iam: IAMClient
  sts: STSClient
}

export interface Account {
  /** 12 digits. */
  id: string
  /** Signs as one who may do everything in the account. */
  administrator: Clients
}

export interface Target {
  name: 'emulator' | 'aws'
  region: string
  own: Account
  /** Undefined: there is no second account, and what needs one is skipped. */
  other: Account | undefined
  /** @param credentials undefined: these clients sign nothing */
  clientsFor(credentials: Credentials | undefined): Clients
  /** How what was set up becomes known everywhere: at once in the emulator, in seconds on AWS. */
  patience: Patience
  close(): Promise<void>
}

/** All in ms. */
export interface Patience {
  /** Between what was set up and the first call. */
  first: number
  /** Between two times that the same is asked. */
  pause: number
  /** For how long an answer that is not expected is asked again. */
  most: number
  /** How often in a row the answer must be the same. */
  times: number
}

export const atOnce: Patience = { first: 0, pause: 0, most: 0, times: 1 }

/** What all clients of a target are given: nothing but a Region on AWS, an endpoint beside it of the emulator. */
export type Configuration = Pick<S3ClientConfig, 'region' | 'endpoint' | 'requestHandler' | 'maxAttempts'>

/** @param credentials undefined: the default chain of the SDK; `nobody`: they sign nothing */
export function clientsOf(configuration: Configuration, credentials: Credentials | 'nobody' | undefined): Clients {
  if (credentials === 'nobody') return unsignedClients(configuration)
  const own = { ...configuration, ...(credentials && { credentials }) }
  return { s3: new S3Client(own), kms: new KMSClient(own), iam: new IAMClient(own), sts: new STSClient(own) }
}

function unsignedClients(configuration: Configuration): Clients {
  const signer = { sign: async <Request>(request: Request) => request }
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' }
  const own = { ...configuration, credentials, signer }
  return { s3: new S3Client(own), kms: new KMSClient(own), iam: new IAMClient(own), sts: new STSClient(own) }
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
