import type { IncomingMessage } from 'node:http'
import type { Ambient } from '../ambient.ts'
import { isControlPath, openControl } from '../control/control.ts'
import type { Controls } from '../control/controls.ts'
import type { Settings } from '../options.ts'
import type { Endpoint } from '../protocol/http.ts'
import { allowedPages } from '../server/allowed-pages.ts'
import { createBrowserGuard } from '../server/browser-guard.ts'
import { chooseService, deny, missingService, type ServiceName } from '../server/gateway.ts'
import type { Choose } from '../server/listener.ts'
import type { Server } from '../server/server.ts'
import type { CurrentServices } from './current-services.ts'

/** Where an emulator listens. */
export interface Endpoints {
  /** `http://127.0.0.1:PORT` */
  endpoint: string
  port: number
  /** The extra listeners that were asked for. */
  extraEndpoints: { service: ServiceName; endpoint: string }[]
}

interface ListenerParts {
  settings: Settings
  server: Server
  current: CurrentServices
  controls: Controls
  ambient: Ambient
}

/** Opens the port for all services, and the extra ones that serve one service alone. */
export async function listenEverywhere({
  settings,
  server,
  current,
  controls,
  ambient,
}: ListenerParts): Promise<Endpoints> {
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
    return { port: bound, endpoint: `${server.scheme}://${hostInUrl(settings.host)}:${bound}` }
  }
  const main = await listen(settings.port, chosen)
  const extraEndpoints: Endpoints['extraEndpoints'] = []
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

/** The address a client on this machine uses; `localhost` would turn the JavaScript SDK to virtual hosts. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === 'localhost') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
