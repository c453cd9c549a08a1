import type { IncomingMessage } from 'node:http'
import type { Ambient } from '../ambient.ts'
import { isCompatiblePath } from '../control/compatible/paths.ts'
import { isControlPath, openControl, openDoors } from '../control/control.ts'
import type { Controls } from '../control/controls.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../options.ts'
import type { Endpoint } from '../protocol/http.ts'
import { readWebsiteHost } from '../protocol/website-host.ts'
import { hostReader } from '../s3/address.ts'
import { allowedPages } from '../server/allowed-pages.ts'
import { createBrowserGuard } from '../server/browser-guard.ts'
import { chooseService, deny, missingService, type ServiceName } from '../server/gateway.ts'
import type { Choose } from '../server/listener.ts'
import type { Server } from '../server/server.ts'
import { listenForConsole } from './console-listener.ts'
import type { CurrentServices } from './current-services.ts'

/** Where an emulator listens. */
export interface Endpoints {
  /** `http://127.0.0.1:PORT` */
  endpoint: string
  port: number
  /** The extra listeners that were asked for. */
  extraEndpoints: { service: ServiceName; endpoint: string }[]
  /** Where the console is; undefined where it is off. */
  consoleEndpoint?: string
}

export interface ListenerParts {
  settings: Settings
  server: Server
  current: CurrentServices
  controls: Controls
  ambient: Ambient
  log: Log
  /** Gains the services that are asked. */
  used: Set<ServiceName>
}

/** Opens the port for all services, and the extra ones that serve one service alone. */
export async function listenEverywhere({
  settings,
  server,
  current,
  controls,
  ambient,
  log,
  used,
}: ListenerParts): Promise<Endpoints> {
  const { allowOrigins, baseDomains } = settings
  const pages = allowedPages(allowOrigins)
  const endpointOf = (name: ServiceName): Endpoint => {
    const endpoint: Endpoint = (call) => {
      used.add(name)
      return current.services.endpoints[name](call)
    }
    return name === 's3' || name === 'website' ? endpoint : pages.readable(endpoint)
  }
  const endpoints: Record<ServiceName, Endpoint> = {
    s3: endpointOf('s3'),
    website: endpointOf('website'),
    kms: endpointOf('kms'),
    cloudtrail: endpointOf('cloudtrail'),
    sts: endpointOf('sts'),
    iam: endpointOf('iam'),
  }
  const chosen: Choose = (call) => {
    // A preflight does not say for which of them it is; their answer is one.
    if (pages.isPreflight(call)) return endpoints.kms
    const choice = chooseService(call.method, call)
    if ('service' in choice) return endpoints[choice.service]
    return async () => missingService(choice.missing, choice.protocol, ambient.uuid())
  }
  const { guarded, refusalOfHost } = createBrowserGuard({
    allowOrigins,
    baseDomains,
    deny: (call, message) => deny(call.method, call, message, ambient.uuid()),
  })
  const foreignHost = ({ socket, headers }: IncomingMessage) =>
    refusalOfHost(socket.remoteAddress ?? '', headers.host ?? '')
  const control = openControl(controls, foreignHost)
  const doors = settings.compatible === 'off' ? undefined : openDoors(controls, foreignHost)
  const namesBucket = bucketNamer(baseDomains)
  const beside = (incoming: IncomingMessage) => (isControlPath(incoming) ? control : undefined)
  const besideAll = (incoming: IncomingMessage) =>
    beside(incoming) ?? (isCompatiblePath(incoming, namesBucket) ? doors : undefined)
  const listen = async (
    setting: ListenerSetting,
    port: number,
    choose: Choose,
    { direct = beside, host = settings.host } = {},
  ) => {
    const bound = await server.listen({ port, host }, guarded(choose), direct).catch(named(setting))
    return { port: bound, endpoint: `${server.scheme}://${hostInUrl(host)}:${bound}` }
  }
  const main = await listen('port', settings.port, chosen, { direct: besideAll })
  for (const address of settings.alsoListen) {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? []
    await listen('alsoListen', Number(port), chosen, { direct: besideAll, host })
  }
  const extraEndpoints: Endpoints['extraEndpoints'] = []
  const extraPorts: [ServiceName, 's3Port' | 'kmsPort' | 'websitePort'][] = [
    ['s3', 's3Port'],
    ['kms', 'kmsPort'],
    ['website', 'websitePort'],
  ]
  for (const [name, setting] of extraPorts) {
    const port = settings[setting]
    if (port === undefined) continue
    extraEndpoints.push({ service: name, endpoint: (await listen(setting, port, () => endpoints[name])).endpoint })
  }
  const consoleParts = { settings, server, current, controls, ambient, log }
  const consolePort = await listenForConsole(consoleParts, main.endpoint).catch(named('consolePort'))
  const consoleEndpoint =
    consolePort === undefined ? undefined : `${server.scheme}://${hostInUrl(settings.host)}:${consolePort}`
  return { ...main, extraEndpoints, consoleEndpoint }
}

/** What a listener is asked for by. */
type ListenerSetting = 'port' | 's3Port' | 'kmsPort' | 'websitePort' | 'consolePort' | 'alsoListen' | 'host'

/** Node's error of a listener that could not be opened. */
export interface ListenError extends NodeJS.ErrnoException {
  /** What was asked for that cannot be. */
  setting: ListenerSetting
  port?: number
  address?: string
  hostname?: string
}

/** Where the address is at fault, and not its port, all but --also-listen have it from --host. */
function named(setting: ListenerSetting): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const isOfHost = setting !== 'alsoListen' && (error.syscall === 'getaddrinfo' || error.code === 'EADDRNOTAVAIL')
    throw Object.assign(error, { setting: isOfHost ? 'host' : setting })
  }
}

/** Whether a Host names a bucket, as S3 or as a website. */
function bucketNamer(baseDomains: readonly string[]): (host: string) => boolean {
  const bucketOf = hostReader(baseDomains)
  return (host) => bucketOf(host) !== '' || readWebsiteHost(host) !== undefined
}

/** The address a client on this machine uses; `localhost` would turn the JavaScript SDK to virtual hosts. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === 'localhost') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
