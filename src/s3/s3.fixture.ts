import { Explanations } from '../access/explanations.ts'
import type { Identities } from '../access/sides.ts'
import { TurnableAmbient } from '../ambient.ts'
import { type Caller, userCaller } from '../aws/caller.ts'
import { lockOfKey } from '../kms/keys/key-store.ts'
import { createKms } from '../kms/kms.ts'
import type { KmsService } from '../kms/service.ts'
import { createLog } from '../log.ts'
import { fetchFrom } from '../protocol/http.fixture.ts'
import type { Endpoint } from '../protocol/http.ts'
import { parseXml, type XmlElement } from '../protocol/rest-xml.ts'
import { openRootKey } from '../root-key.ts'
import { type BlobStore, openBlobs } from '../store/blobs.ts'
import { Database } from '../store/database.ts'
import { Pace } from '../store/pace.ts'
import { openTrail, type Trail } from '../trail/trail.ts'
import { createS3 } from './s3.ts'
import type { S3Settings } from './settings.ts'

/** For unit tests: the whole S3 endpoint in process, over a store in memory. KMS is the real one. */

export const accountId = '000000000000'
export const owner = userCaller(accountId, 'test', 'test')

export interface CallOptions {
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Default: the owner; `anonymous` sends no session. */
  caller?: Caller | 'anonymous'
  region?: string
}

export interface Reply {
  status: number
  headers: Headers
  text: string
  /** Of an error document. */
  code: string | undefined
  /** The document whose root element this is. */
  xml(root: string): Promise<XmlElement>
}

export interface S3Fixture {
  call(method: string, target: string, options?: CallOptions): Promise<Reply>
  endpoint: Endpoint
  database: Database
  blobs: BlobStore
  trail: Trail
  /** Why requests were let in or refused. */
  explanations: Explanations
  kms: KmsService
  ambient: TurnableAmbient
  /** Does all that is due, as far as `pace` lets it. */
  settle(pace?: Pace): Promise<void>
  /** Runs `meanwhile` as if a KMS key were being changed: calls that use the key wait until it ends. */
  whileKeyIsHeld<Result>(keyId: string, meanwhile: () => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** @param identities who may do what of its own; left out: everybody is an administrator */
export async function openS3(
  bucketDefaults: S3Settings['bucketDefaults'] = 'classic',
  identities?: Identities,
): Promise<S3Fixture> {
  const ambient = new TurnableAmbient()
  const database = await Database.open({})
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const blobs = await openBlobs(database)
  const rootKey = await openRootKey(database, ambient)
  const credentials = { find: () => undefined }
  const region = 'us-east-1'
  const log = createLog({ level: 'silent', json: false, now: () => ambient.now(), write: () => undefined })
  const kms = createKms({ database, ambient, rootKey, trail, credentials, accountId, region, log })
  const explanations = new Explanations(database)
  const { endpoint, chores, replications } = createS3({
    database,
    explanations,
    blobs,
    ambient,
    rootKey,
    trail,
    kms: kms.client,
    credentials,
    identities,
    settings: {
      accountId,
      region,
      bucketDefaults,
      baseDomains: ['example.test'],
      requireTlsForSseC: false,
      bucketKeyLifetime: 300_000,
    },
    log,
  })
  return {
    endpoint,
    database,
    blobs,
    trail,
    explanations,
    kms: kms.service,
    ambient,
    settle: async (pace = new Pace(() => ambient.now())) => {
      await replications.settle()
      for (const { run } of chores) await run(ambient.now(), pace)
    },
    whileKeyIsHeld: (keyId, meanwhile) =>
      database.locks.with([{ name: lockOfKey(region, keyId), mode: 'exclusive' }], meanwhile),
    async close() {
      await replications.close()
      await database.close()
    },
    async call(method, target, { headers = {}, body, caller = owner, region = 'us-east-1' } = {}) {
      const session = caller === 'anonymous' ? undefined : { caller, region, service: 's3' as const }
      const length = { 'content-length': String(Buffer.byteLength(body ?? '')) }
      const request = new Request(`http://127.0.0.1${target}`, {
        method,
        headers: { ...length, ...headers },
        body: body as BodyInit,
      })
      const response = await fetchFrom(endpoint, request, { session })
      const text = await response.text()
      const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1]
      return { status: response.status, headers: response.headers, text, code, xml: (root) => parseXml(text, root) }
    },
  }
}
