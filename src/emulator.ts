import { type Ambient, systemAmbient } from './ambient.ts'
import { controlsOf } from './emulator/controls.ts'
import { CurrentServices, type ResetOptions } from './emulator/current-services.ts'
import { type Endpoints, listenEverywhere } from './emulator/listeners.ts'
import { openStore } from './emulator/open-store.ts'
import { scriptEnvironment } from './emulator/script-environment.ts'
import { type EmulatorStates, snapshotsOf, statesOf } from './emulator/snapshots.ts'
import type { FixtureDocument } from './fixtures/fixture-document.ts'
import { requireHookFolders } from './hooks/folders.ts'
import { Hooks } from './hooks/hooks.ts'
import type { ScriptRecord } from './hooks/progress.ts'
import type { Audit } from './lab/audit/audit.ts'
import type { AuditQuery } from './lab/audit/audit-query.ts'
import { SeededAmbient } from './lab/chance/seeded-ambient.ts'
import { countStart } from './lab/chance/starts.ts'
import type { Clock } from './lab/clock/clock.ts'
import { checkFirstMoment, turnsOf } from './lab/clock/first-turns.ts'
import { TurnedAmbient } from './lab/clock/turned-ambient.ts'
import { EmulatorFaults, type Faults } from './lab/faults/faults.ts'
import type { Inspection, InspectOptions } from './lab/inspect/inspect.ts'
import type { PolicyTools } from './lab/policy/policy-tools.ts'
import type { TrailExport } from './lab/trail-export/log-files.ts'
import type { Verification, VerifyOptions } from './lab/verify/report.ts'
import { createLog, type Log } from './log.ts'
import { migrations } from './migrations/index.ts'
import { migrate } from './migrations/migration.ts'
import { type EmulatorOptions, readSettings, type Settings } from './options.ts'
import { openRootKey } from './root-key.ts'
import type { NotificationPage, NotificationQuery } from './s3/notifications/read-notifications.ts'
import { openCertificate } from './server/certificate.ts'
import type { ServiceName } from './server/gateway.ts'
import { givenRootKey } from './server/root-key-file.ts'
import { Server } from './server/server.ts'
import { openServices, type Services } from './services.ts'
import type { Database } from './store/database.ts'
import { asStartError } from './store/disk.ts'
import { closeToOthers } from './store/private-folder.ts'

/** A running emulator. */
export interface Emulator extends Endpoints, EmulatorStates {
  /** Of the built-in principal: user `test`, administrator. */
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** Over TLS: what to trust, as text and (for AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS) as a file where there is one. */
  certificate?: { cert: string; file?: string }
  /** What the fixture files did, one line each. */
  fixtureReport: string[]
  /** What became of the scripts of --hooks. */
  scripts: readonly ScriptRecord[]
  /**
   * Makes what fixtures declare and is not there; files that they name lie in the working folder.
   * @returns one line for each: made, or left
   * @throws FixtureFault naming the place in them
   */
  seed(fixtures: FixtureDocument): Promise<string[]>
  /**
   * Empties everything: keys, buckets, objects, principals, trail. Requests in flight have half a second, then their connections
   * are cut; those that come meanwhile wait.
   * @param options.fixtures applies the fixture files again; else there is nothing afterwards
   */
  reset(options?: { fixtures?: boolean }): Promise<void>
  /**
   * Resolves once everything is done that is due at this moment of the clock: keys whose time has come are deleted, and their events
   * are in the trail. Answers to requests do not wait for that.
   */
  settle(): Promise<void>
  /** What buckets told of their objects by their notification configurations, the oldest first; the newest 10,000 are kept. */
  notifications(query?: NotificationQuery): Promise<NotificationPage>
  /**
   * An object as it lies in the store: its envelope, its first bytes of ciphertext, the calls of KMS about it.
   * @param uri `s3://bucket/key?versionId=…`
   * @param options.limit how many calls are shown, the newest ones; default 20
   * @throws LabRefusal
   */
  inspect(uri: string, options?: InspectOptions): Promise<Inspection>
  /**
   * Objects by scheme and key, calls of KMS by key and caller over time, and what is wrong with them.
   * @throws LabRefusal where calls cannot be counted as they were asked for
   */
  audit(query?: AuditQuery): Promise<Audit>
  /**
   * Reads everything: proof that it is as it was written.
   * @param options.repair removes what is unreachable, and nothing else
   * @param options.onProgress called as the work goes on
   * @throws the reason of `options.signal` when it is ended before
   */
  verify(options?: VerifyOptions): Promise<Verification>
  /**
   * Writes all that the trail holds, of all accounts and Regions, as CloudTrail's log files.
   * @param folder made where it is not there; files that are there stay
   */
  exportTrail(folder: string): Promise<TrailExport>
  /** What policies would say of calls that nobody made, and what recorded calls needed. */
  policy: PolicyTools
  /** The clock by which things fall due: shown, turned on, stopped. */
  clock: Clock
  /** What of KMS and S3 goes wrong on purpose. */
  faults: Faults
  /** Stops accepting, finishes what is in flight (10 s at most), closes the store. */
  stop(): Promise<void>
}

/**
 * Starts an emulator: S3, KMS, CloudTrail's LookupEvents and STS on one port. Several in one process work.
 * @param options as on the command line; the log is at `warn` unless asked otherwise
 * @param ambient clock and chance; tests give one whose clock they turn
 * @throws OptionFault, StoreLocked, StoreDamaged, StoreNotOpened, OtherStoreFormat, Node's EADDRINUSE …: nothing is left open
 */
export async function startEmulator(
  options: EmulatorOptions = {},
  ambient: Ambient = systemAmbient(),
): Promise<Emulator> {
  return openEmulator(readSettings({ logLevel: 'warn', ...options }, 'library'), ambient)
}

/** What the owner of the process has to do with it. */
export interface ProcessParts {
  /** Called with the bytes of large bodies as they pass; garbage may be collected by it. */
  onBodyBytes?: (count: number) => void
  /** Ends the scripts of --hooks that run before it is ready. */
  signal?: AbortSignal
}

/**
 * Starts an emulator from settings that are checked already. It resolves once everything is seeded, and all scripts have ended.
 * @param machine its clock and chance
 */
export async function openEmulator(
  settings: Settings,
  machine: Ambient,
  { onBodyBytes, signal }: ProcessParts = {},
): Promise<Emulator> {
  const chance = settings.seed === undefined ? undefined : new SeededAmbient(machine, settings.seed)
  const ambient = new TurnedAmbient(chance ?? machine)
  const faults = new EmulatorFaults(ambient)
  const log = createLog({
    level: settings.logLevel,
    json: settings.json,
    now: () => machine.now(),
    write: (text) => process.stderr.write(text),
  })
  if (settings.seed !== undefined) log.warn(keysAreKnown)
  let endpoint: string | undefined
  const hooks = new Hooks({
    folders: settings.hooks,
    log,
    environment: () => scriptEnvironment(process.env, { endpoint, region: settings.region, certificate }),
  })
  await requireHookFolders(settings.hooks)
  const rootKey = await givenRootKey(settings)
  const folder = settings.ephemeral ? undefined : settings.dataDir
  const certificate = await openCertificate(settings, machine.now(), log)
  await hooks.run('BOOT', signal)
  const database = await openStore(folder, settings.fsync, log)
  if (folder !== undefined) await keepOthersOut(folder, log)
  const applied = (services: Services) => applyFixtures(settings, services)
  const compose = async (generation: Database) => {
    // A snapshot may be older than the folder that it is in.
    await migrate(generation, migrations, (summary) => log.info(`migrating the data folder: ${summary}`))
    if (chance) await beginChance(chance, generation, rootKey)
    ambient.take(await turnsOf(generation, settings.clock, machine.now()))
    void faults.clear()
    return openServices({ database: generation, ambient, settings, rootKey, log, onBodyBytes, faults })
  }
  const server = new Server({ host: settings.host, log, now: () => machine.now(), certificate })
  let current: CurrentServices | undefined
  try {
    await checkFirstMoment(database, settings.clock)
    current = new CurrentServices(database, server, await compose(database), { compose, applied })
    const fixtureReport = await applied(current.services)
    await hooks.run('START', signal)
    const used = new Set<ServiceName>()
    const snapshots = snapshotsOf({ current, settings, rootKey, ambient, machine })
    const controls = controlsOf({
      current,
      settings,
      ambient,
      faults,
      log,
      hooks,
      used,
      snapshots,
      stopping: server.stopping,
    })
    const listeners = await listenEverywhere({ settings, server, current, controls, ambient, log, used })
    endpoint = listeners.endpoint
    await hooks.run('READY', signal)
    const { reset } = current
    const running = current
    let stopping: Promise<void> | undefined
    const stop = () => {
      stopping ??= hooks.run('SHUTDOWN').then(() => {
        void faults.clear()
        return running.stop()
      })
      return stopping
    }
    const settle = () => running.services.settle()
    const seed = async (document: FixtureDocument) => {
      const fixtures = await import('./emulator/seed.ts')
      return fixtures.seed(document, running.services)
    }
    const notifications = (query: NotificationQuery = {}) => running.services.notifications(query)
    const resetAll = async (options: ResetOptions = {}) => void (await reset(options))
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const { scripts } = hooks.progress
    const told = { credentials, certificate, fixtureReport, scripts }
    const { clock, inspect, audit, policy } = controls
    const verify = (options: VerifyOptions = {}) => controls.verify(options)
    const exportTrail = async (folder: string) => {
      const { writeLogFiles } = await import('./lab/trail-export/log-files.ts')
      return writeLogFiles(folder, controls.trailRecords())
    }
    const lab = { clock, inspect, audit, verify, exportTrail, policy, faults, ...statesOf(snapshots) }
    return { ...listeners, ...told, ...lab, seed, reset: resetAll, settle, notifications, stop }
  } catch (error) {
    await (current ? current.stop() : database.close())
    throw asStartError(folder, error)
  }
}

/** The store's own key outlives a reset, so it takes nothing of what all else is made of. */
async function beginChance(chance: SeededAmbient, generation: Database, rootKey: Buffer | undefined): Promise<void> {
  await openRootKey(generation, chance, rootKey)
  chance.begin(await countStart(generation))
}

/** Said by the log too: whoever starts it in a program sees no banner. */
const keysAreKnown = 'chance follows from --seed: whoever knows it knows every key of this emulator'

/** A failure is no reason not to start: the folder then belongs to another user who lets us write in it. */
async function keepOthersOut(folder: string, log: Log): Promise<void> {
  try {
    for (const path of await closeToOthers(folder))
      log.warn(`${path} stood open to other users; it is closed to them now`)
  } catch (error) {
    log.error(`The data folder ${folder} cannot be closed to other users`, error)
  }
}

/** Fixture files first: what a seed names may be in one of them, with more to it. */
async function applyFixtures(settings: Settings, { inProcess }: Services): Promise<string[]> {
  const { fixtures, buckets, keys } = settings
  if (fixtures.length + buckets.length + keys.length === 0) return []
  const { applyFixtureFiles } = await import('./fixtures/apply.ts')
  const report = await applyFixtureFiles(fixtures, inProcess)
  if (buckets.length + keys.length === 0) return report
  const { applySeeds } = await import('./fixtures/seeds.ts')
  return [...report, ...(await applySeeds(settings, inProcess))]
}
