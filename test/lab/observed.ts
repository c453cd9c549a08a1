import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { clientCommands } from '../../src/cli/clients.ts'
import type { AnyRoute } from '../../src/control/route.ts'
import { controlRoutes } from '../../src/control/routes.ts'
import type { WayName } from './lab.ts'

/*
 * What was asked while stories were told. Of routes Node's own server tells it, which serves this process's emulators: a route counts
 * for the way that is being told when its request comes, once it was answered without a refusal.
 */

export interface Observed {
  /** Names of routes, and of the parameters in their queries and headers: `audit`, `audit since`. */
  routes: Record<WayName, Set<string>>
  /** `clock advance` */
  commands: Set<string>
  /** `clock.advance` */
  methods: Set<string>
  /** What comes now, comes this way. */
  begin(way: WayName): void
  end(): void
}

const patterns = controlRoutes.map((route) => {
  return { route, pattern: new RegExp(`^/_s3kms${route.path.replaceAll(/:\w+/g, '[^/]+')}$`) }
})

export function observe(): Observed {
  const routes = {
    'the command line': new Set<string>(),
    HTTP: new Set<string>(),
    'the library': new Set<string>(),
    'the testing client': new Set<string>(),
  }
  let current: WayName | undefined
  const begun = new WeakMap<IncomingMessage, WayName>()
  const onStart = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    if (current) begun.set(request, current)
  }
  const onFinish = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const [way, route] = [begun.get(request), routeOf(request)]
    if (!way || !route || response.statusCode !== 200) return
    for (const name of [route.name, ...parametersIn(request, route)]) routes[way].add(name)
  }
  subscribe('http.server.request.start', onStart)
  subscribe('http.server.response.finish', onFinish)
  return {
    routes,
    commands: new Set(),
    methods: new Set(),
    begin(way) {
      current = way
    },
    end() {
      unsubscribe('http.server.request.start', onStart)
      unsubscribe('http.server.response.finish', onFinish)
    },
  }
}

function routeOf({ method, url = '' }: IncomingMessage): AnyRoute | undefined {
  const [path = ''] = url.split('?')
  return patterns.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route
}

function parametersIn({ url = '', headers }: IncomingMessage, { name, parameters }: AnyRoute): string[] {
  const query = new URL(url, 'http://localhost').searchParams
  const given = Object.keys(parameters).filter((parameter) => query.has(parameter) || parameter in headers)
  return given.map((parameter) => `${name} ${parameter}`)
}

/** Every command that asks a running emulator: of those with commands of two words, these. */
export const commandNames: readonly string[] = clientCommands.flatMap((row) => {
  const own = 'run' in row ? [row.name] : []
  return [...own, ...(row.commands ?? []).map(({ name }) => `${row.name} ${name}`)]
})

/** The command that words begin with. */
export function commandOf([first = '', second]: readonly string[]): string {
  const both = `${first} ${second}`
  return commandNames.includes(both) ? both : first
}
