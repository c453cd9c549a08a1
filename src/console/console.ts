import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../protocol/http.ts'
import type { Choose, DirectListener } from '../server/listener.ts'
import { refusalOfData, type Tokens } from './guard.ts'
import { s3Endpoint, s3Prefix } from './s3-calls.ts'
import type { ConsoleParts } from './services.ts'

/** How the console answers on its listener. */
export interface Console {
  /** Calls of S3, in the name of the console's user. */
  choose: Choose
  /** All else: the page, and what it reads. */
  direct(incoming: IncomingMessage): DirectListener | undefined
}

/** The console, of which everything is loaded when it is first asked for: the start need not wait for it. */
export function openConsole(parts: ConsoleParts): Console {
  const tokens: Tokens = { page: randomBytes(32).toString('base64url'), control: parts.settings.controlToken }
  const s3 = s3Endpoint(parts)
  let loaded: Promise<DirectListener> | undefined
  const load = () => import('./listener.ts').then(({ createConsoleListener }) => createConsoleListener(parts, tokens))
  return {
    choose: (_call, incoming) => {
      const refusal = refusalOfData(incoming, tokens)
      return refusal === undefined ? s3 : refused(refusal)
    },
    direct: ({ url = '' }) => {
      if (url.startsWith(`${s3Prefix}/`)) return undefined
      return async (incoming, outgoing) => {
        loaded ??= load()
        await (await loaded)(incoming, outgoing)
      }
    },
  }
}

function refused(message: string): Endpoint {
  return async () => ({
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  })
}
