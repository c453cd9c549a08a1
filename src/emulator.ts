import type { IncomingMessage } from 'node:http'
import { type Ambient, systemAmbient } from './ambient.ts'
import { isControlPath, openControl } from './control/control.ts'
import type { Controls } from './control/controls.ts'
import { ControlRefusal } from './control/route.ts'
import { FixtureFault } from './fixtures/document.ts'
import { createLog, type Log } from './log.ts'
import { migrations } from './migrations/index.ts'
import { migrate } from './migrations/migration.ts'
import { type EmulatorOptions, readSettings, type Settings } from './options.ts'
import type { Endpoint } from './protocol/http.ts'
import type { NotificationPage, NotificationQuery } from './s3/notifications/read-notifications.ts'
import { allowedPages } from './server/allowed-pages.ts'
import { createBrowserGuard } from './server/browser-guard.ts'
import { type Certificate, openCertificate } from './server/certificate.ts'
import { chooseService, deny, missingService, type ServiceName } from './server/gateway.ts'
import type { Choose } from './server/listener.ts'
import { givenRootKey } from './server/root-key-file.ts'
import { Server } from './server/server.ts'
import { openServices, type Services } from './services.ts'
import { Database, StoreClosed } from './store/database.ts'
import { asStartError } from './store/disk.ts'
import { closeToOthers } from './store/private-folder.ts'
import { version } from './version.ts'

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  endpoint: string
  port: number
  /** Of the built-in principal: user `test`, administrator. */
  credentials: { accessKeyId: string; secretAccessKey: string }
  /** The extra listeners that were asked for. */
  extraEndpoints: { service: ServiceName; endpoint: string }[]
  /** Over TLS: what to trust, as text and (for AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS) as a file where there is one. */
  certificate?: { cert: string; file?: string }
  /** What the fixture files did, one line each. */
  fixtureReport: string[]
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

/**
 * Starts an emulator from settings that are checked already.
 * @param onBodyBytes called with the bytes of large bodies as they pass; the owner of the process may collect garbage by it
 */
export async function openEmulator(
  settings: Settings,
  ambient: Ambient,
  onBodyBytes?: (count: number) => void,
): Promise<Emulator> {
  const log = createLog({
    level: settings.logLevel,
    json: settings.json,
    now: () => ambient.now(),
    write: (text) => process.stderr.write(text),
  })
  const rootKey = await givenRootKey(settings)
  const folder = settings.ephemeral ? undefined : settings.dataDir
  const certificate = await openCertificate(settings, ambient.now(), log)
  const database = await Database.open({ folder, fsync: settings.fsync })
  if (folder !== undefined) await keepOthersOut(folder, log)
  const applied = (services: Services) => applyFixtures(settings, services)
  const compose = (generation: Database) =>
    openServices({ database: generation, ambient, settings, rootKey, log, onBodyBytes })
  const server = new Server({ host: settings.host, log, now: () => ambient.now(), certificate })
  let current: CurrentServices | undefined
  try {
    await migrate(database, migrations, (summary) => log.info(`migrating the data folder: ${summary}`))
    current = new CurrentServices(database, server, await compose(database), { compose, applied })
    const fixtureReport = await applied(current.services)
    const listeners = await listenEverywhere(settings, server, current, { ambient, certificate, log })
    const { stop, reset } = current
    const running = current
    const settle = () => running.services.settle()
    const notifications = (query: NotificationQuery = {}) => running.services.notifications(query)
    const resetAll = async (options: ResetOptions = {}) => void (await reset(options))
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    return { ...listeners, credentials, certificate, fixtureReport, reset: resetAll, settle, notifications, stop }
  } catch (error) {
    await (current ? current.stop() : database.close())
    throw asStartError(folder, error)
  }
}

/** A failure is no reason not to start: the folder then belongs to another user who lets us write in it. */
async function keepOthersOut(folder: string, log: Log): Promise<void> {
  try {
    for (const path of await closeToOthers(folder))
      log.warn(`${path} stood open to other users; it is closed to them now`)
  } catch (error) {
    log.error(`The data folder ${folder} cannot be closed to other users`, error)
  }
}

interface ResetOptions {
  fixtures?: boolean
}

/** What makes an emulator of an empty store. */
interface Steps {
  compose(generation: Database): Promise<Services>
  /** Applies the fixture files. */
  applied(services: Services): Promise<string[]>
}

/** The services over the store as it is now. A reset ends the store's generation, and composes them anew over the next one. */
class CurrentServices {
  services: Services
  #database: Database
  readonly #server: Server
  readonly #steps: Steps
  #stopped: Promise<void> | undefined

  constructor(database: Database, server: Server, services: Services, steps: Steps) {
    this.#database = database
    this.#server = server
    this.services = services
    this.#steps = steps
  }

  /**
   * Who is cut off, and what works in the background, writes no more from the store's clearing on. One that failed may be
   * repeated: until then every request is refused. Where a fixture file is wrong, none is applied.
   * @param options.fixtures whether the fixture files are applied again, before anybody else is let in
   * @param own the request in flight that asks for it, if one does
   * @returns what the fixture files did, one line each
   * @throws FixtureFault; StoreClosed when the emulator was stopped meanwhile
   */
  readonly reset = async ({ fixtures = false }: ResetOptions, own?: IncomingMessage): Promise<string[]> => {
    let report: string[] = []
    await this.#server.alone(own, async () => {
      if (this.#stopped) throw new StoreClosed()
      await this.#empty()
      if (!fixtures) return
      try {
        report = await this.#steps.applied(this.services)
      } catch (error) {
        // Not half of them.
        await this.#empty()
        throw error
      }
    })
    return report
  }

  async #empty(): Promise<void> {
    this.#database = await this.#database.clear()
    await this.services.close()
    this.services = await this.#steps.compose(this.#database)
  }

  readonly stop = (): Promise<void> => {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    await this.#server.stop()
    // Not while a reset is under way.
    await this.#server.alone(undefined, async () => {
      await this.services.close()
      await this.#database.close()
    })
  }
}

/** Opens the port for all services, and the extra ones that serve one service alone. */
async function listenEverywhere(
  settings: Settings,
  server: Server,
  current: CurrentServices,
  { ambient, certificate, log }: { ambient: Ambient; certificate: Certificate | undefined; log: Log },
): Promise<Pick<Emulator, 'port' | 'endpoint' | 'extraEndpoints'>> {
  const started = ambient.now()
  const controls: Controls = {
    health: async () => {
      const uptime = (ambient.now() - started) / 1000
      return { ...(await current.services.health()), version, uptime }
    },
    explain: (id) => current.services.explain(id),
    keys: ({ accountId = settings.accountId, region = settings.region }) =>
      current.services.inProcess.kms.keys({ accountId, region }),
    notifications: (query) => current.services.notifications(query),
    dataEvents: async ({ accountId = settings.accountId, region = settings.region, limit = 50, ...query }) => {
      const { records, next } = await current.services.dataEvents({ accountId, region, limit, ...query })
      return { records, next: next?.join('-') }
    },
    reset: (options, incoming) => current.reset(options, incoming).catch((error) => refuseReset(error, log)),
    settle: () => current.services.settle(),
    failed: (error) => log.error('a control path failed', error),
    token: settings.controlToken,
  }
  const { allowOrigins, baseDomains } = settings
  const pages = allowedPages(allowOrigins)
  const serviceOf = (name: ServiceName): Endpoint => {
    const endpoint: Endpoint = (call) => current.services.endpoints[name](call)
    return name === 's3' || name === 'website' ? endpoint : pages.readable(endpoint)
  }
  const chosen: Choose = (call) => {
    // A preflight does not say for which of them it is; their answer is one.
    if (pages.isPreflight(call)) return serviceOf('kms')
    const choice = chooseService(call.method, call)
    if ('service' in choice) return serviceOf(choice.service)
    return async () => missingService(choice.missing, choice.protocol, ambient.uuid())
  }
  const { guarded, refusalOfHost } = createBrowserGuard({
    allowOrigins,
    baseDomains,
    deny: (call, message) => deny(call.method, call, message, ambient.uuid()),
  })
  const control = openControl(controls, ({ socket, headers }) =>
    refusalOfHost(socket.remoteAddress ?? '', headers.host ?? ''),
  )
  const listen = async (port: number, choose: Choose) => {
    const direct = (incoming: IncomingMessage) => (isControlPath(incoming) ? control : undefined)
    const bound = await server.listen(port, guarded(choose), direct)
    return { port: bound, endpoint: `${certificate ? 'https' : 'http'}://${hostInUrl(settings.host)}:${bound}` }
  }
  const main = await listen(settings.port, chosen)
  const extraEndpoints: Emulator['extraEndpoints'] = []
  const extraPorts: [ServiceName, number | undefined][] = [
    ['s3', settings.s3Port],
    ['kms', settings.kmsPort],
    ['website', settings.websitePort],
  ]
  for (const [name, port] of extraPorts) {
    if (port === undefined) continue
    extraEndpoints.push({ service: name, endpoint: (await listen(port, () => serviceOf(name))).endpoint })
  }
  return { ...main, extraEndpoints }
}

/** A fixture file that is not as it should be is the asker's to mend, who may not see the log. */
function refuseReset(error: unknown, log: Log): never {
  if (!(error instanceof FixtureFault)) throw error
  const message = `${error.message}. The emulator is empty`
  log.warn(message)
  throw new ControlRefusal(422, message)
}

/** Fixture files first: what a seed names may be in one of them, with more to it. */
async function applyFixtures(settings: Settings, { inProcess }: Services): Promise<string[]> {
  const { fixtures, buckets, keys } = settings
  if (fixtures.length + buckets.length + keys.length === 0) return []
  const [{ applyFixtureFiles }, { applySeeds }] = await Promise.all([
    import('./fixtures/apply.ts'),
    import('./fixtures/seeds.ts'),
  ])
  const report = await applyFixtureFiles(fixtures, inProcess)
  return [...report, ...(await applySeeds(settings, inProcess))]
}

/** The address a client on this machine uses; `localhost` would turn the JavaScript SDK to virtual hosts. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === 'localhost') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
