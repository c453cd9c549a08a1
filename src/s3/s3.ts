import { Explanations } from '../access/explanations.ts'
import { type Identities, noIdentities } from '../access/sides.ts'
import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { FaultSource } from '../fault-source.ts'
import type { KmsClient } from '../kms/client.ts'
import type { Log } from '../log.ts'
import type { CredentialSource } from '../protocol/authentication.ts'
import { type Endpoint, loadedAtFirstCall } from '../protocol/http.ts'
import type { RootKey } from '../root-key.ts'
import type { BlobStore } from '../store/blobs.ts'
import type { Database } from '../store/database.ts'
import { firstMoment } from '../store/first-moment.ts'
import type { Pace } from '../store/pace.ts'
import type { Trail } from '../trail/trail.ts'
import { AccessControl } from './access/access-control.ts'
import type { S3Ruling } from './access/told-ruling.ts'
import { createS3Endpoint } from './http/endpoint.ts'
import { requestIdSource } from './http/request-ids.ts'
import { Notifications } from './notifications/notifications.ts'
import { restoreMoments, tellRestores } from './objects/restore-events.ts'
import type { Need, S3Services } from './operation.ts'
import { AccessLogLines } from './records/access-log-lines.ts'
import { type BucketRecord, BucketStore } from './records/buckets.ts'
import { ConfigurationStore } from './records/configurations.ts'
import { InventorySchedule } from './records/inventory-schedule.ts'
import { dueLifecycles, nextLifecycle } from './records/lifecycle-schedule.ts'
import { ObjectStore } from './records/objects.ts'
import { UploadStore } from './records/uploads.ts'
import type { Roles } from './replicas/role.ts'
import { Replications, type ReplicationWork } from './replication/replications.ts'
import type { S3Settings } from './settings.ts'
import type { Envelope, EnvelopeRecord, SealTarget } from './sse/envelope.ts'
import { createEnvelopes } from './sse/envelopes.ts'
import type { Unsealer } from './sse/open-unasked.ts'

export interface S3Options {
  database: Database
  blobs: BlobStore
  ambient: Ambient
  rootKey: RootKey
  trail: Trail
  kms: KmsClient
  credentials: CredentialSource
  /** Who may do what of its own; without them every caller is an administrator of its account. */
  identities?: Identities
  /** Whom S3 may act as when it replicates; without them any role is taken at its word. */
  roles?: Roles
  /** Where KMS notes its calls too; one of its own where it is left out. */
  explanations?: Explanations
  settings: S3Settings
  /** What is to go wrong on purpose. */
  faults?: FaultSource
  log: Log
}

/** What S3 does as time goes by. */
export interface S3Chore {
  name: string
  /** @param now ms since the epoch */
  run(now: number, pace: Pace): Promise<unknown>
  /** When something falls due next that can be seen, in ms since the epoch. */
  next?(now: number): Promise<number | undefined>
}

/** What S3 is to those who compose it. */
interface S3 {
  endpoint: Endpoint
  website: Endpoint
  notifications: Notifications
  replications: Replications
  /** Whether a call that nobody makes would be allowed: for the emulator's own tools. */
  ask(caller: Caller, need: Need, headers?: Readonly<Record<string, string>>): S3Ruling
  findBucket(name: string): BucketRecord | undefined
  /** An object's envelope, without asking anybody: for the emulator's own tools. */
  openEnvelope(
    unsealer: Unsealer,
    record: EnvelopeRecord,
    target: SealTarget,
    region: string,
  ): Promise<Envelope | undefined>
  chores: readonly S3Chore[]
}

/** Composes S3: its stores, its envelopes, and the endpoints over them: of its API, and of buckets as websites. */
export function createS3(options: S3Options): S3 {
  const {
    database,
    blobs,
    ambient,
    rootKey,
    trail,
    kms,
    credentials,
    settings,
    log,
    identities = noIdentities,
    roles = { get: () => undefined, takesUnknown: true },
  } = options
  const explanations = options.explanations ?? new Explanations(database)
  const buckets = new BucketStore(database)
  const configurations = new ConfigurationStore(database)
  const objects = new ObjectStore({ database, blobs, buckets, ambient })
  const uploads = new UploadStore({ database, blobs, ambient })
  const envelopes = createEnvelopes({ kms, rootKey, database, ambient, settings })
  const { notifyUrl } = settings
  const notifications = new Notifications({ database, ambient, configurations, log, notifyUrl })
  const load = () => loadReplicaWork(services, roles)
  const replications = new Replications({ database, ambient, configurations, log, load })
  const access = new AccessControl({
    identities,
    ambient,
    database,
    explanations,
    buckets,
    configurations,
    objects,
    uploads,
  })
  const services: S3Services = {
    faults: options.faults,
    access,
    database,
    blobs,
    buckets,
    configurations,
    accessLogLines: new AccessLogLines(database),
    inventorySchedule: new InventorySchedule(database),
    objects,
    uploads,
    envelopes,
    notifications,
    replications,
    ambient,
    trail,
    log,
    settings,
  }
  const endpoint = withControl(services, credentials, createS3Endpoint(services, credentials))
  const chores = [
    { name: 'access logs', run: () => deliverAccessLogs(services, endpoint) },
    { name: 'restored copies', run: () => tellRestores(services), next: () => firstMoment(database, restoreMoments) },
    {
      name: 'inventories',
      run: () => deliverInventories(services, endpoint),
      next: () => services.inventorySchedule.next(),
    },
    { name: 'replication', run: () => replications.sweep(), next: (now: number) => replications.next(now) },
    {
      name: 'lifecycles',
      run: (now: number, pace: Pace) => runLifecycles(services, now, pace),
      next: () => nextLifecycle(database),
    },
  ]
  const openEnvelope: S3['openEnvelope'] = async (...given) => {
    const { openUnasked } = await import('./sse/open-unasked.ts')
    return openUnasked({ rootKey, database, ambient, settings }, ...given)
  }
  const ask: S3['ask'] = (...question) => access.ask(...question)
  const findBucket = (name: string) => buckets.find(name)
  return {
    endpoint,
    website: websiteEndpoint(services),
    notifications,
    replications,
    ask,
    findBucket,
    openEnvelope,
    chores,
  }
}

/** Websites are loaded when the first page is asked for. */
function websiteEndpoint(services: S3Services): Endpoint {
  return loadedAtFirstCall(async () => {
    const { createWebsiteEndpoint } = await import('./website/endpoint.ts')
    return createWebsiteEndpoint(services)
  })
}

/** What goes through buckets is loaded when the lifecycle of one is first due. */
async function runLifecycles(services: S3Services, now: number, pace: Pace): Promise<void> {
  if ((await dueLifecycles(services.database, now)).length === 0) return
  const lifecycle = await import('./lifecycle/run.ts')
  await lifecycle.runLifecycles(services, now, pace)
}

/** What makes replicas is loaded when something is first to be replicated. */
async function loadReplicaWork(services: S3Services, roles: Roles): Promise<ReplicationWork> {
  const { ReplicaWork } = await import('./replicas/work.ts')
  const { RoleSessions } = await import('./replicas/role.ts')
  const { ambient } = services
  return new ReplicaWork({
    ...services,
    roles: new RoleSessions(roles, ambient),
    newRequestId: requestIdSource(ambient),
  })
}

/** What makes reports is loaded when the first is due. */
async function deliverInventories(services: S3Services, endpoint: Endpoint): Promise<void> {
  if (!(await services.inventorySchedule.isAnyDue(services.ambient.now()))) return
  const delivery = await import('./inventories/delivery.ts')
  await delivery.deliverInventories(services, endpoint)
}

/** What delivers them is loaded when the first line waits. */
async function deliverAccessLogs(services: S3Services, endpoint: Endpoint): Promise<void> {
  if (!(await services.accessLogLines.areThere())) return
  const delivery = await import('./access-logs/delivery.ts')
  await delivery.deliverAccessLogs(services, endpoint)
}

/** S3 Control is loaded when it is first asked. A bucket may be called v20180820, but requests for it name no account. */
function withControl(services: S3Services, credentials: CredentialSource, endpoint: Endpoint): Endpoint {
  const control = loadedAtFirstCall(async () => {
    const { createControlEndpoint } = await import('./control/endpoint.ts')
    return createControlEndpoint(services, credentials)
  })
  return (call) => {
    const isControl = call.path.startsWith('/v20180820/') && call.headers['x-amz-account-id'] !== undefined
    return isControl ? control(call) : endpoint(call)
  }
}
