import { openConsole } from '../console/console.ts'
import type { Log } from '../log.ts'
import type { ListenerParts } from './listeners.ts'

const consolesOwnPort = 4567

/**
 * Opens the console's port. Many emulators may run side by side: where nobody named the port, it may be another.
 * @param endpoint where AWS clients find the emulator
 * @returns the port; undefined where the console is off
 */
export async function listenForConsole(
  parts: Omit<ListenerParts, 'used'>,
  endpoint: string,
): Promise<number | undefined> {
  const { settings, server, current, controls, ambient, log } = parts
  const { consolePort } = settings
  if (consolePort === 'off') return undefined
  const { choose, direct } = openConsole({
    services: () => current.services,
    controls,
    settings,
    ambient,
    endpoint,
    stopping: server.stopping,
  })
  // The page asks again and again: nobody wants to read that.
  const quiet: Log = { ...log, info: log.debug }
  const listen = (port: number) => server.listen(port, choose, direct, quiet)
  if (consolePort !== 'auto') return listen(consolePort)
  return listen(consolesOwnPort).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') return listen(0)
    throw error
  })
}
