import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { addControlRoutes, type ControlApp, listenerOf } from './control-routes.ts'
import type { Controls } from './controls.ts'
import { answerOfError } from './failure.ts'
import { refusalOf } from './guard.ts'
import { openApiDocument } from './open-api.ts'
import { requireKnown } from './query.ts'
import type { AnyRoute } from './route.ts'
import { controlRoutes } from './routes.ts'

/*
 * The control API over HTTP: hono's routes are made of the table, @hono/node-server serves them.
 *
 *   guard → parameters → body → run → JSON, or bytes          (from the parameters on: control-routes.ts)
 */

/** What is not in the table, and what is no method of a path, is for this machine alone too. */
const open = new Set(controlRoutes.filter(({ guard }) => guard === 'anyone').map(({ path }) => `/_s3kms${path}`))

/** Answers a request to `/_s3kms/…`; resolves once the answer is sent. */
export type ControlListener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/**
 * @param foreignHost why a request's Host may not be served, where it may not
 * @param routes those that are served; tests have their own
 */
export function createControlListener(
  controls: Controls,
  foreignHost: (incoming: IncomingMessage) => string | undefined,
  routes: readonly AnyRoute[] = controlRoutes,
): ControlListener {
  const app: ControlApp = new Hono<{ Bindings: HttpBindings }>().basePath('/_s3kms')
  app.use(async (context, next) => {
    const { incoming } = context.env
    const guard = open.has(context.req.path) ? 'anyone' : 'machine'
    const refusal = foreignHost(incoming) ?? refusalOf(incoming, guard, controls.token)
    if (refusal !== undefined) return context.json({ message: refusal }, 403)
    await next()
    context.header('cache-control', 'no-store')
    return undefined
  })
  addControlRoutes(app, controls, routes)
  app.get('/openapi.json', (context) => {
    requireKnown({}, context.req.path, new URL(context.req.url).searchParams)
    return context.json(openApiDocument())
  })
  const whatThereIs = 'GET /_s3kms/openapi.json says what there is'
  app.notFound((context) => context.json({ message: `There is no ${context.req.path}: ${whatThereIs}` }, 404))
  app.onError((error, context) => {
    const { status, message } = answerOfError(error, context.env.incoming, controls)
    return context.json({ message }, status)
  })
  return listenerOf(app)
}
