import { TurnableAmbient } from '../../ambient.ts'
import { type Caller, userCaller } from '../../aws/caller.ts'
import { createKms } from '../../kms/kms.ts'
import { createLog } from '../../log.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { openRootKey } from '../../root-key.ts'
import { type BlobStore, openBlobs } from '../../store/blobs.ts'
import { Database } from '../../store/database.ts'
import { openTrail } from '../../trail/trail.ts'
import type { Envelope, EnvelopeMaker, SealTarget, Session, StoredBody } from './envelope.ts'
import { createEnvelopes } from './envelopes.ts'

/** For unit tests: the real KMS, trail, store and envelopes, without S3's operations around them. */

const accountId = '000000000000'
const region = 'us-east-1'

export const target: SealTarget = { bucket: 'uploads', key: 'folder/a file', versionId: 'null' }

export function authenticationOf(caller: Caller, signature: Authentication['signature'] = 'SigV4'): Authentication {
  return { caller, signature, method: 'AuthHeader', region, payload: { coding: 'unsigned' } }
}

export function sessionOf(name = 'test', signature: Authentication['signature'] = 'SigV4'): Session {
  return { authentication: authenticationOf(userCaller(accountId, name, name), signature), region }
}

export interface KmsEvent {
  eventName: string
  errorCode?: string
  context?: unknown
  caller: unknown
  invokedBy: unknown
}

/** A stored body: what a record would keep of it. */
export interface Stored extends StoredBody {
  blob: number
}

export class EnvelopeFixture {
  readonly database: Database
  readonly blobs: BlobStore
  readonly envelopes: EnvelopeMaker
  readonly ambient: TurnableAmbient
  readonly trail: ReturnType<typeof openTrail>
  readonly #kms: ReturnType<typeof createKms>

  private constructor(
    database: Database,
    blobs: BlobStore,
    envelopes: EnvelopeMaker,
    ambient: TurnableAmbient,
    trail: ReturnType<typeof openTrail>,
    kms: ReturnType<typeof createKms>,
  ) {
    this.database = database
    this.blobs = blobs
    this.envelopes = envelopes
    this.ambient = ambient
    this.trail = trail
    this.#kms = kms
  }

  static async open(folder?: string): Promise<EnvelopeFixture> {
    const ambient = new TurnableAmbient()
    const database = await Database.open({ folder })
    const rootKey = await openRootKey(database, ambient)
    const trail = openTrail({ database, ambient, retentionDays: 90 })
    const log = createLog({ level: 'silent', json: false, now: () => ambient.now(), write: () => undefined })
    const credentials = { find: () => undefined }
    const kms = createKms({ database, ambient, rootKey, trail, credentials, accountId, region, log })
    const settings = {
      accountId,
      region,
      bucketDefaults: 'classic' as const,
      baseDomains: [],
      requireTlsForSseC: false,
      bucketKeyLifetime: 300_000,
    }
    const envelopes = createEnvelopes({ kms: kms.client, rootKey, database, ambient, settings })
    return new EnvelopeFixture(database, await openBlobs(database), envelopes, ambient, trail, kms)
  }

  /** Any KMS call as the administrator. */
  async callKms(operation: string, input: object): Promise<Record<string, unknown>> {
    const output = await this.#kms.service.invoke(operation, input, {
      caller: userCaller(accountId, 'test', 'test'),
      region,
      requestId: this.ambient.uuid(),
      clientAddress: '127.0.0.1',
      userAgent: 'test',
      hostHeader: undefined,
      secure: true,
      via: undefined,
    })
    return { ...output }
  }

  async createKey(): Promise<string> {
    const { KeyMetadata } = await this.callKms('CreateKey', {})
    const arn = (KeyMetadata as { Arn?: string }).Arn
    if (arn === undefined) throw new Error('CreateKey answered no ARN')
    return arn
  }

  /** S3's calls in the trail, oldest first. */
  async eventsOfS3(): Promise<KmsEvent[]> {
    const { records } = await this.trail.lookup({ accountId, region, limit: 1000 })
    return records
      .filter(({ userIdentity }) => userIdentity.invokedBy !== undefined)
      .reverse()
      .map(({ eventName, errorCode, requestParameters, userIdentity }) => ({
        eventName,
        ...(errorCode && { errorCode }),
        context: requestParameters?.encryptionContext,
        caller: userIdentity.arn,
        invokedBy: userIdentity.invokedBy,
      }))
  }

  async namesOfEvents(): Promise<string[]> {
    return (await this.eventsOfS3()).map(({ eventName }) => eventName)
  }

  async store(envelope: Envelope, plaintext: Buffer): Promise<Stored> {
    const { salt, segments } = envelope.seal(chunked(plaintext))
    const blob = await this.blobs.write(segments)
    await this.database.transact((transaction) => this.blobs.keep(transaction, blob))
    return { blob: blob.id, salt, size: plaintext.length }
  }

  async load(envelope: Envelope, body: Stored, first = 0, last = body.size - 1): Promise<Buffer> {
    const read = (segment: number, count: number) => this.blobs.read(body.blob, segment, count)
    const opened = await envelope.open(body, first, last, read)
    if (opened instanceof Uint8Array) return Buffer.from(opened)
    const pieces: Uint8Array[] = []
    for await (const piece of opened) pieces.push(piece)
    return Buffer.concat(pieces)
  }
}

async function* chunked(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 65_536) yield bytes.subarray(offset, offset + 65_536)
}
