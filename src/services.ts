import { type Explanation, Explanations } from './access/explanations.ts'
import { trailPermission } from './access/trail-permission.ts'
import type { Ambient } from './ambient.ts'
import type { Caller } from './aws/caller.ts'
import { type Chore, Chores } from './chores.ts'
import { Trails } from './cloudtrail/trails.ts'
import type { FaultSource } from './fault-source.ts'
import type { FixtureServices } from './fixtures/apply.ts'
import { indexNames } from './identity/names.ts'
import { openPrincipals } from './identity/principals.ts'
import { keyRecords } from './kms/keys/key-store.ts'
import { createKms } from './kms/kms.ts'
import type { KmsService } from './kms/service.ts'
import type { Log } from './log.ts'
import type { Settings } from './options.ts'
import { type Endpoint, loadedAtFirstCall } from './protocol/http.ts'
import { openRootKey, type RootKey } from './root-key.ts'
import type { S3Ruling } from './s3/access/told-ruling.ts'
import {
  type NotificationPage,
  type NotificationQuery,
  readNotifications,
} from './s3/notifications/read-notifications.ts'
import type { Need } from './s3/operation.ts'
import { bucketRecords } from './s3/records/buckets.ts'
import { createS3 } from './s3/s3.ts'
import type { Envelope, EnvelopeRecord, SealTarget } from './s3/sse/envelope.ts'
import type { ServiceName } from './server/gateway.ts'
import { type BlobStore, openBlobs } from './store/blobs.ts'
import type { Database } from './store/database.ts'
import { StoreUnavailable } from './store/disk.ts'
import { TableCheck } from './store/files/table-check.ts'
import type { RecordKind } from './store/keyspace.ts'
import type { Pace } from './store/pace.ts'
import { createCloudTrailEndpoint } from './trail/endpoint.ts'
import { openTrail, type Trail } from './trail/trail.ts'

export interface ServicesOptions {
  database: Database
  ambient: Ambient
  settings: Settings
  /** Given by the user; undefined: made once and kept in the store. */
  rootKey?: Buffer
  log: Log
  /** What is to go wrong on purpose. */
  faults?: FaultSource
  /** Called with the bytes of large bodies as they pass. */
  onBodyBytes?: (count: number) => void
}

export interface Health {
  /** `degraded`: writes are refused while what was stored can be read, or something of it was found to be damaged. */
  status: 'ok' | 'degraded'
  /** Why it is degraded. */
  reason?: string
  /** How many of what there are; unknown while the store cannot be opened. */
  counts?: Record<string, number>
}

/** All services over one store, not yet listening anywhere. */
export interface Services {
  endpoints: Record<ServiceName, Endpoint>
  /** What fixtures work with: the services in process. */
  inProcess: FixtureServices
  /** The bodies of all objects. */
  blobs: BlobStore
  /** Why requests ended as they did: of one by its id, or of the last. */
  explain(id: string): Promise<Explanation[]>
  /** Of the calls in memory that were made for another request: the id of each → the other's. */
  causes(): ReadonlyMap<string, string>
  /** Whether calls that nobody makes would be allowed, and why; nothing is left of it. */
  ask: { kms: KmsService['ask']; s3(question: Need & { caller: Caller }): S3Ruling }
  /** What `GET /_s3kms/health` shows of them. */
  health(): Promise<Health>
  /** The bodies of objects as they lie in the store, sealed. */
  bodies: Pick<BlobStore, 'read' | 'pin' | 'drop'>
  /**
   * An object's envelope, opened with what is kept here: nobody is asked, and no event is left.
   * @returns undefined where its KMS key is gone; what only a customer's key opens has a manifest, and opens no body
   */
  openEnvelope(record: EnvelopeRecord, target: SealTarget, region: string): Promise<Envelope | undefined>
  /** What seals secrets at rest. */
  rootKey: RootKey
  /** Where its files lie; undefined: in memory. */
  folder: string | undefined
  /** ms since the epoch: what happened before is no longer in the trail */
  oldestEvent(): number
  /** What the trail holds, the newest first, without a trace in it. */
  lookupEvents: Trail['lookup']
  /** Whether all data events are kept, not only those that trails select. */
  keepsDataEvents: boolean
  /** What S3 did with objects, the newest first, where that is recorded. */
  dataEvents: Trail['dataEvents']
  /** Those with the events of LookupEvents. */
  allEvents: Trail['allEvents']
  /** What buckets told of their objects, the oldest first. */
  notifications(query: NotificationQuery): Promise<NotificationPage>
  /** Resolves once everything is done that is due at this moment of the clock. */
  settle(): Promise<void>
  /** The same but for deliveries, which wait for receivers that may be slow: what is to be seen here is done. */
  doDue(): Promise<void>
  /** When something falls due next, in ms since the epoch; undefined: nothing that can be seen does. */
  nextDue(): Promise<number | undefined>
  /** Ends the work in the background, at once when the store was closed. The database is the caller's to close. */
  close(): Promise<void>
}

/** Composes all services; nothing else wires them together. */
export async function openServices(parts: ServicesOptions): Promise<Services> {
  const { database, ambient, settings, rootKey: given, log } = parts
  const { accountId, region } = settings
  const rootKey = await openRootKey(database, ambient, given)
  const blobs = await openBlobs(database, parts.onBodyBytes)
  await indexNames(database)
  const principals = openPrincipals({
    database,
    ambient,
    accountId,
    mode: settings.auth,
    accessKeys: settings.accessKeys,
  })
  const explanations = new Explanations(database)
  const trail = openTrail({
    database,
    ambient,
    retentionDays: settings.trailRetention,
    keepsDataEvents: settings.trailDataEvents,
  })
  const kms = createKms({
    database,
    ambient,
    rootKey,
    trail,
    credentials: principals,
    identities: principals,
    explanations,
    accountId,
    region,
    log,
    asymmetricKeys: settings.asymmetricKeys,
    faults: parts.faults,
  })
  const s3 = createS3({
    database,
    blobs,
    ambient,
    rootKey,
    trail,
    kms: kms.client,
    credentials: principals,
    identities: principals,
    roles: { get: principals.get, takesUnknown: settings.auth === 'permissive' },
    explanations,
    settings: {
      accountId,
      region,
      bucketDefaults: settings.bucketDefaults,
      baseDomains: settings.baseDomains,
      requireTlsForSseC: settings.requireTlsForSseC,
      bucketKeyLifetime: settings.bucketKeyLifetime * 1000,
      restoreTime: settings.restoreTime === undefined ? undefined : settings.restoreTime * 1000,
      notifyUrl: settings.notifyUrl,
    },
    faults: parts.faults,
    log,
  })
  const permit = trailPermission(principals, ambient)
  const trails = new Trails({ database, ambient, rootKey, trail, kms: kms.service, s3, permit, log })
  await trails.open()
  const tables = settings.ephemeral ? undefined : new TableCheck(settings.dataDir)
  const due: Chore[] = [
    { name: 'disk', run: () => logDiskTrouble(database, log) },
    { name: 'bodies', run: (_now, pace) => blobs.sweep(pace) },
    { name: 'keys', run: () => kms.service.sweep(), next: (now) => kms.service.nextDue(now) },
    ...s3.chores,
    { name: 'trail files', run: (now, pace) => trails.deliver(now, pace), next: () => trails.next() },
    { name: 'trail', run: () => trail.prune() },
    { name: 'notifications', run: () => s3.notifications.sweep() },
    { name: 'records', run: () => database.compactRecords() },
    ...(tables ? [{ name: 'tables', run: (_now: number, pace: Pace) => checkTables(tables, pace, log) }] : []),
  ]
  const chores = new Chores(due, { ambient, log })
  const doDue = async () => {
    // Lifecycle leaves alone what is not replicated yet.
    await s3.replications.settle()
    await chores.settle()
    // Of what chores wrote.
    await s3.replications.settle()
  }
  return {
    endpoints: {
      s3: s3.endpoint,
      website: s3.website,
      kms: kms.endpoint,
      cloudtrail: createCloudTrailEndpoint({
        trail,
        credentials: principals,
        permit,
        invoke: (operation, input, call) => trails.invoke(operation, input, call),
        ambient,
        region,
        log,
      }),
      iam: loadedAtFirstCall(async () => {
        const { createIamEndpoint } = await import('./iam/endpoint.ts')
        return createIamEndpoint({ database, principals, explanations, trail, ambient, log })
      }),
      sts: loadedAtFirstCall(async () => {
        const { createStsEndpoint } = await import('./sts/endpoint.ts')
        return createStsEndpoint({ database, principals, explanations, trail, ambient, region, log })
      }),
    },
    blobs,
    inProcess: {
      database,
      ambient,
      principals,
      kms: kms.service,
      s3: s3.endpoint,
      cloudTrail: trails,
      accountId,
      region,
      faults: parts.faults,
    },
    explain: (id) => explanations.find(id),
    causes: () => explanations.causes(),
    ask: {
      kms: (question) => kms.service.ask(question),
      s3: ({ caller, ...need }) => s3.ask(caller, need),
    },
    health: () => healthOf(database, tables),
    bodies: blobs,
    openEnvelope: (record, target, region) => s3.openEnvelope(kms.service, record, target, region),
    rootKey,
    folder: settings.ephemeral ? undefined : settings.dataDir,
    oldestEvent: () => trail.oldestKept(),
    lookupEvents: (query) => trail.lookup(query),
    keepsDataEvents: settings.trailDataEvents,
    dataEvents: (query) => trail.dataEvents(query),
    allEvents: (query) => trail.allEvents(query),
    notifications: (query) => readNotifications(database, query),
    settle: async () => {
      await doDue()
      await s3.notifications.settle()
    },
    doDue,
    nextDue: () => chores.next(),
    close: async () => {
      await chores.stop()
      await s3.replications.close()
      await s3.notifications.close()
      await blobs.close()
    },
  }
}

/** Logs once a minute, not at every refused request. The check also opens the databases anew when there is space again. */
async function logDiskTrouble(database: Database, log: Log): Promise<void> {
  const trouble = await database.disk.trouble()
  if (trouble !== undefined) log.warn(`${trouble}; writes are refused`)
}

async function checkTables(tables: TableCheck, pace: Pace, log: Log): Promise<void> {
  const known = tables.damage
  await tables.run(pace)
  if (tables.damage !== undefined && tables.damage !== known) log.warn(tables.damage)
}

async function healthOf(database: Database, tables: TableCheck | undefined): Promise<Health> {
  const reason = (await database.disk.trouble()) ?? tables?.damage
  try {
    const counts = await countRecords(database)
    return reason === undefined ? { status: 'ok', counts } : { status: 'degraded', reason, counts }
  } catch (error) {
    if (error instanceof StoreUnavailable) return { status: 'degraded', reason: error.message }
    throw error
  }
}

/** Objects are not counted: that would be a walk over all of them. */
async function countRecords(database: Database): Promise<Record<string, number>> {
  return { buckets: await count(database, bucketRecords), keys: await count(database, keyRecords) }
}

async function count(database: Database, kind: RecordKind<unknown>): Promise<number> {
  let found = 0
  for await (const _ of database.entries(kind)) found++
  return found
}
