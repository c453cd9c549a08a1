import { createServer } from 'node:http'
import { openControl, openDoors } from './control.ts'
import type { Controls } from './controls.ts'
import { type ControlListener, createControlListener } from './listener.ts'
import type { AnyRoute } from './route.ts'

/** Asks a path of a control API; resolves to status and JSON. */
export type Ask = (path: string, options?: RequestInit) => Promise<[status: number, answer: unknown]>

const foreignHost = ({ headers }: { headers: { host?: string } }) =>
  headers.host === 'rebound.test' ? 'Rebound' : undefined

/** The control API over some of the controls, on a port of its own; what a test does not give is not there to be asked. */
export function withControls(own: Partial<Controls>, body: (call: Ask, port: number) => Promise<void>): Promise<void> {
  return served(openControl(controlsOf(own), foreignHost), body)
}

/** The paths of other emulators, as `withControls`. */
export function withDoors(own: Partial<Controls>, body: (call: Ask, port: number) => Promise<void>): Promise<void> {
  return served(openDoors(controlsOf(own), foreignHost), body)
}

/** The control API with other routes than its own. */
export function withRoutes(
  routes: readonly AnyRoute[],
  own: Partial<Controls>,
  body: (call: Ask, port: number) => Promise<void>,
): Promise<void> {
  return served(createControlListener(controlsOf(own), foreignHost, routes), body)
}

function controlsOf(own: Partial<Controls>): Controls {
  return { failed: () => undefined, ...own } as Controls
}

async function served(control: ControlListener, body: (call: Ask, port: number) => Promise<void>): Promise<void> {
  const server = createServer((incoming, outgoing) => void control(incoming, outgoing))
  server.on('checkContinue', (incoming, outgoing) => void control(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  try {
    await body(async (path, options) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, options)
      return [response.status, await response.json().catch(() => undefined)]
    }, port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
