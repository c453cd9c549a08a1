import { Agent } from 'node:https'
import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { TurnableAmbient } from '../src/ambient.ts'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import type { EmulatorOptions } from '../src/options.ts'
import type { TrailRecord } from '../src/trail/event.ts'

export { failureOf } from './failure.ts'

export const accountId = '000000000000'
export const region = 'us-east-1'

/** What every SDK client of a journey is given. */
export interface Configuration {
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  maxAttempts: number
  /** Over TLS: trusts the emulator's certificate. */
  requestHandler?: { httpsAgent: Agent }
}

/** One emulator of a journey, in memory and on a free port, with the SDK's clients for it and a clock to turn. */
export interface Journey {
  /** The library's own object. */
  emulator: Emulator
  endpoint: string
  port: number
  /** Where an extra listener is that was asked for. */
  endpointOf(service: 'website'): string
  ambient: TurnableAmbient
  configuration: Configuration
  /** Over TLS: the certificate to trust, as PEM. */
  certificate: string | undefined
  s3: S3Client
  kms: KMSClient
  cloudTrail: CloudTrailClient
  sts: STSClient
  /** Clients for another access key. */
  as(accessKeyId: string, secretAccessKey?: string): { s3: S3Client; kms: KMSClient; sts: STSClient }
  /** Makes a symmetric key; resolves to its ARN. */
  createKey(): Promise<string>
  createBucket(name: string): Promise<string>
  /** The trail's records, oldest first; all pages. */
  records(input?: LookupEventsCommandInput): Promise<TrailRecord[]>
  /** The records written while `action` ran, oldest first, of KMS only. */
  kmsCallsDuring(action: () => Promise<unknown>): Promise<TrailRecord[]>
  /** Turns the emulator's clock; the clients here sign by it. */
  turn(milliseconds: number): void
  /** Once everything is done that is due at this moment of its clock. */
  settle(): Promise<void>
  /** What buckets told of their objects. */
  notifications: Emulator['notifications']
  stop(): Promise<void>
}

/** Seconds: how often S3 asks KMS under a bucket key must not depend on how long a busy machine takes. */
const longerThanAnyTest = 86_400

/**
 * The machine's clock, as far turned as a test turned it: programs that sign beside the emulator have the machine's, and one
 * that stood still while a busy machine takes its time would soon be too far behind for their signatures.
 */
class RunningAmbient extends TurnableAmbient {
  #turned = 0

  override now(): number {
    return Date.now() + this.#turned
  }

  override turn(milliseconds: number): void {
    this.#turned += milliseconds
    this.announceTurn()
  }
}

/**
 * @param clock `standing` for tests of what lasts for seconds, which a busy machine may take for anything
 */
export async function startJourney(
  options: Partial<EmulatorOptions> = {},
  clock: 'running' | 'standing' = 'running',
): Promise<Journey> {
  const ambient = clock === 'standing' ? new TurnableAmbient() : new RunningAmbient()
  const own = { ephemeral: true, port: 0, logLevel: 'error', bucketKeyLifetime: longerThanAnyTest } as const
  const emulator = await startEmulator({ ...own, ...options }, ambient)
  const { certificate } = emulator
  const configurationFor = (accessKeyId: string, secretAccessKey: string): Configuration => ({
    endpoint: emulator.endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    ...(certificate && { requestHandler: { httpsAgent: new Agent({ ca: certificate.cert }) } }),
  })
  const configuration = configurationFor('test', 'test')
  const followed = <Client extends { config: object }>(client: Client): Client => {
    // A client would learn its offset from the Date header, which Node.js takes from the machine's clock.
    const systemClockOffset = { get: () => ambient.now() - Date.now(), set() {}, configurable: true }
    Object.defineProperties(client.config, { systemClockOffset })
    return client
  }
  const clientsFor = (configuration: Configuration) => ({
    s3: followed(new S3Client(configuration)),
    kms: followed(new KMSClient(configuration)),
    sts: followed(new STSClient(configuration)),
  })
  const cloudTrail = followed(new CloudTrailClient(configuration))
  const clients = clientsFor(configuration)
  const records = (input: LookupEventsCommandInput = {}) => lookUpAll(cloudTrail, input)
  return {
    emulator,
    endpoint: emulator.endpoint,
    port: emulator.port,
    endpointOf: (name) => emulator.extraEndpoints.find(({ service }) => service === name)?.endpoint ?? '',
    ambient,
    configuration,
    certificate: certificate?.cert,
    ...clients,
    cloudTrail,
    as: (accessKeyId, secretAccessKey = 'any') => clientsFor(configurationFor(accessKeyId, secretAccessKey)),
    createKey: async () => {
      const { KeyMetadata } = await clients.kms.send(new CreateKeyCommand({}))
      if (!KeyMetadata?.Arn) throw new Error('CreateKey answered no Arn')
      return KeyMetadata.Arn
    },
    createBucket: async (name) => {
      await clients.s3.send(new CreateBucketCommand({ Bucket: name }))
      return name
    },
    records,
    turn: (milliseconds) => ambient.turn(milliseconds),
    settle: () => emulator.settle(),
    notifications: (query) => emulator.notifications(query),
    kmsCallsDuring: async (action) => {
      const before = new Set((await records()).map(({ eventID }) => eventID))
      await action()
      const after = await records()
      return after.filter(({ eventID, eventSource }) => !before.has(eventID) && eventSource === 'kms.amazonaws.com')
    },
    stop: async () => {
      const faults = await faultsIn(emulator)
      await emulator.stop()
      if (faults.length > 0) throw new Error(`What the journey left is not sound: ${JSON.stringify(faults)}`)
    },
  }
}

/** Whatever a journey did, its store is sound at the end. One whose store is damaged on purpose stops its emulator itself. */
async function faultsIn(emulator: Emulator): Promise<object[]> {
  const { faults, unreachable } = await emulator.verify()
  return unreachable.bodies > 0 ? [...faults, unreachable] : faults
}

async function lookUpAll(client: CloudTrailClient, input: LookupEventsCommandInput): Promise<TrailRecord[]> {
  const found: TrailRecord[] = []
  let NextToken: string | undefined
  do {
    const page = await client.send(new LookupEventsCommand({ ...input, NextToken }))
    for (const { CloudTrailEvent } of page.Events ?? []) found.push(JSON.parse(CloudTrailEvent ?? '{}'))
    NextToken = page.NextToken
  } while (NextToken)
  return found.reverse()
}
