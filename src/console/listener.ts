import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import { addControlRoutes, refusalIn } from '../control/control-routes.ts'
import type { DirectListener } from '../server/listener.ts'
import { streamEvents } from './api/event-stream.ts'
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

export function createConsoleListener(parts: ConsoleParts, tokens: Tokens): DirectListener {
  const page = pageWithToken(builtPage, tokens.page)
  const context = (): ApiContext => ({ ...parts, services: parts.services() })
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(async (asked, next) => {
    const { incoming } = asked.env
    const refusal = asked.req.path === '/' ? refusalOfPage(incoming, tokens) : refusalOfData(incoming, tokens)
    if (refusal !== undefined) return asked.json({ message: refusal }, 403)
    await next()
    asked.header('cache-control', 'no-store')
    asked.header('x-content-type-options', 'nosniff')
    asked.header('cross-origin-resource-policy', 'same-origin')
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
  app.get('/api/stream', (asked) => serveStream(asked, context))
  addControlRoutes(app.basePath('/control'), parts.controls)
  app.notFound((asked) => asked.json({ message: `There is no ${asked.req.path}` }, 404))
  app.onError((error, asked) => {
    const refusal = error instanceof ConsoleRefusal ? error : refusalIn(error)
    if (refusal) return asked.json({ message: refusal.message }, refusal.status)
    parts.controls.failed(error)
    return asked.json({ message: 'The emulator failed; its log says why.' }, 500)
  })
  return getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' })
}

function serveStream(asked: Context<{ Bindings: HttpBindings }>, context: () => ApiContext): Response {
  const ended = new AbortController()
  asked.env.outgoing.once('close', () => ended.abort())
  asked.header('content-type', 'text/event-stream')
  return stream(asked, async (out) => {
    for await (const text of streamEvents(context, ended.signal)) await out.write(text)
  })
}
