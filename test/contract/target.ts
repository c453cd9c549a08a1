import { setTimeout } from 'node:timers/promises'
import { IAMClient } from '@aws-sdk/client-iam'
import { KMSClient } from '@aws-sdk/client-kms'
import { ListBucketsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner'

/* Who is asked: the emulator, or an account of AWS. Both by the same calls of the same SDK. */

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export interface Clients {
  s3: S3Client
  kms: KMSClient
}

export interface AdministratorClients extends Clients {
  iam: IAMClient
  sts: STSClient
}

/** `presigned`: signed in the query. */
export type Way = 'signed' | 'presigned'

export interface Account {
  /** 12 digits. */
  id: string
  /** 64 hexadecimal digits, as ACLs name an account. */
  canonicalId: string
  /** Signs as one who may do everything in the account. */
  administrator: AdministratorClients
}

export interface Target {
  /** `rehearsal`: an emulator in the place of AWS, and everything as with AWS. */
  name: 'emulator' | 'aws' | 'rehearsal'
  region: string
  own: Account
  /** Undefined: there is no second account, and what needs one is skipped. */
  other: Account | undefined
  /** @param credentials undefined: these clients sign nothing */
  clientsFor(credentials: Credentials | undefined, way?: Way): Clients
  /** The same, whose `clientsFor` use no TLS; undefined where there is no such thing, and what needs it is skipped. */
  overPlainHttp: (() => Promise<Target>) | undefined
  /** How what was set up becomes known everywhere: at once in the emulator, in seconds on AWS. */
  patience: Patience
  close(): Promise<void>
}

export interface Patience {
  /** ms between what was set up and the first call */
  first: number
  /** ms between two times that the same is asked */
  pause: number
  /** How often something is asked, or tried, that is not as it is expected; no less than `times`. */
  tries: number
  /** How often in a row the answer must be the same. */
  times: number
}

export const atOnce: Patience = { first: 0, pause: 0, tries: 1, times: 1 }

/** Of all services alike, or of each. */
export type Endpoints = string | Readonly<Record<'s3' | 'kms' | 'iam' | 'sts', string>>

/** What all clients of a target are given. */
export interface Configuration extends Pick<S3ClientConfig, 'requestHandler' | 'maxAttempts'> {
  region: string
  endpoints: Endpoints
}

/** @param credentials undefined: the default chain of the SDK */
export function administratorOf(configuration: Configuration, credentials?: Credentials): AdministratorClients {
  const own = (service: keyof AdministratorClients) => ({
    ...configurationOf(configuration, service),
    ...(credentials && { credentials }),
  })
  return {
    ...{ s3: new S3Client(own('s3')), kms: new KMSClient(own('kms')) },
    ...{ iam: new IAMClient(own('iam')), sts: new STSClient(own('sts')) },
  }
}

/** @param credentials `nobody`: they sign nothing */
export function clientsOf(
  configuration: Configuration,
  credentials: Credentials | 'nobody',
  way: Way = 'signed',
): Clients {
  const own = credentials === 'nobody' ? unsigned : { credentials }
  const s3 = { ...configurationOf(configuration, 's3'), ...own }
  return {
    s3: way === 'presigned' ? presigningClient(s3) : new S3Client(s3),
    kms: new KMSClient({ ...configurationOf(configuration, 'kms'), ...own }),
  }
}

function configurationOf({ endpoints, ...shared }: Configuration, service: keyof AdministratorClients) {
  return { ...shared, endpoint: typeof endpoints === 'string' ? endpoints : endpoints[service] }
}

const unsigned = {
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  signer: { sign: async <Request>(request: Request) => request },
}

/** Sends to S3 what a presigned URL of each request would say. */
function presigningClient(configuration: S3ClientConfig): S3Client {
  const presigner = new S3RequestPresigner(new S3Client(configuration).config)
  return new S3Client({
    ...configuration,
    signer: { sign: (request) => presigner.presign(request, { expiresIn: 900 }) },
  })
}

/** @param administrator of the account whose id ACLs know */
export async function canonicalIdOf({ s3 }: Clients): Promise<string> {
  const { Owner } = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }))
  return Owner?.ID ?? ''
}

/** Ends early where the signal is aborted. */
export async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds > 0) await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
}
