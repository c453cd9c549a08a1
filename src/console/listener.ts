import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { addControlRoutes, alreadySent, listenerOf } from '../control/control-routes.ts'
import { answerOfError } from '../control/failure.ts'
import type { DirectListener } from '../server/listener.ts'
import { ChangeStream } from './api/change-stream.ts'
import { builtPage } from './built-page.ts'
import { isAtThisMachine, refusalOfData, refusalOfPage, type Tokens } from './guard.ts'
import { pageWithToken } from './page.ts'
import { addRoutes } from './routes.ts'
import { type ApiContext, type ConsoleParts, ConsoleRefusal } from './services.ts'

/*
 * The console over HTTP, on a listener and so an origin of its own:
 *
 *   /            the page, with this run's token in it
 *   /api/…       what the page shows, from the records: no trace in the trail
 *   /api/kms/…   KMS, in the name of the console's user          /s3/…   S3 in that name (s3-calls.ts)
 *   /control/…   the control API, as on the main port
 */

const headersOfAll = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

export function createConsoleListener(parts: ConsoleParts, tokens: Tokens): DirectListener {
  const page = pageWithToken(builtPage, tokens.page)
  const context = (): ApiContext => ({ ...parts, services: parts.services() })
  const changes = new ChangeStream(context, parts.controls.failed)
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(async (asked, next) => {
    const { incoming } = asked.env
    const refusal = asked.req.path === '/' ? refusalOfPage(incoming, tokens) : refusalOfData(incoming, tokens)
    if (refusal !== undefined) return asked.json({ message: refusal }, 403)
    await next()
    for (const [name, value] of Object.entries(headersOfAll)) asked.header(name, value)
    return undefined
  })
  app.get('/', (asked) => {
    const html = isAtThisMachine(asked.env.incoming) ? page.withToken : page.withoutToken
    return new Response(new Uint8Array(html), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-encoding': 'gzip',
        'content-security-policy': page.policy,
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      },
    })
  })
  addRoutes(app, context)
  app.get('/api/stream', (asked) => serveStream(asked, changes, parts))
  addControlRoutes(app.basePath('/control'), parts.controls)
  app.notFound((asked) => asked.json({ message: `There is no ${asked.req.path}` }, 404))
  app.onError((error, asked) => {
    if (error instanceof ConsoleRefusal) return asked.json({ message: error.message }, error.status)
    const { status, message } = answerOfError(error, asked.env.incoming, parts.controls)
    return asked.json({ message }, status)
  })
  return listenerOf(app)
}

/**
 * Written aside: a page may listen for hours, and no reset, load or stop is to wait for it. It goes on over the services that come then,
 * and ends when the emulator stops.
 */
function serveStream(
  asked: Context<{ Bindings: HttpBindings }>,
  changes: ChangeStream,
  { controls, stopping }: ConsoleParts,
): Response {
  const { outgoing } = asked.env
  const left = new AbortController()
  outgoing.once('close', () => left.abort())
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...headersOfAll })
  const told = changes.listen(AbortSignal.any([left.signal, stopping]))
  pipeline(Readable.from(told), outgoing).catch((error) => {
    if (!left.signal.aborted) controls.failed(error)
  })
  return alreadySent()
}
