import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Controls } from './controls.ts'
import { refusalOf } from './guard.ts'
import { openApiDocument } from './open-api.ts'
import { ControlRefusal, type ControlRoute, failureMessage, type Parameters } from './route.ts'
import { controlRoutes } from './routes.ts'

/*
 * The control API over HTTP: hono's routes are made of the table, @hono/node-server serves them.
 *
 *   guard → parameters → run → JSON
 */

/** What is not in the table, and what is no method of a path, is for this machine alone too. */
const open = new Set(controlRoutes.filter(({ guard }) => guard === 'anyone').map(({ path }) => `/_s3kms${path}`))

type Asked = Context<{ Bindings: HttpBindings }>

/** Answers a request to `/_s3kms/…`; resolves once the answer is sent. */
export type ControlListener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/** @param foreignHost why a request's Host may not be served, where it may not */
export function createControlListener(
  controls: Controls,
  foreignHost: (incoming: IncomingMessage) => string | undefined,
): ControlListener {
  const app = new Hono<{ Bindings: HttpBindings }>().basePath('/_s3kms')
  app.use(async (context, next) => {
    const { incoming } = context.env
    const guard = open.has(context.req.path) ? 'anyone' : 'machine'
    const refusal = foreignHost(incoming) ?? refusalOf(incoming, guard, controls.token)
    if (refusal !== undefined) return refuse(context, 403, refusal)
    await next()
    context.header('cache-control', 'no-store')
    return undefined
  })
  for (const route of controlRoutes) {
    app.on(route.method, route.path, (context) => serve(route, controls, context))
    app.all(route.path, (context) => context.json({ message: `${route.method} it` }, 405, { allow: route.method }))
  }
  app.get('/openapi.json', (context) => context.json(openApiDocument()))
  app.notFound((context) => refuse(context, 404, `There is no ${context.req.path}`))
  app.onError((error, context) => {
    if (error instanceof ControlRefusal) return refuse(context, error.status, error.message)
    controls.failed(error)
    return refuse(context, 500, failureMessage)
  })
  return getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' })
}

async function serve(route: ControlRoute, controls: Controls, context: Asked): Promise<Response> {
  return context.json(await route.run(controls, readInput(route.parameters, context), context.env.incoming))
}

function refuse(context: Asked, status: ControlRefusal['status'] | 500, message: string): Response {
  return context.json({ message }, status)
}

function readInput(parameters: Parameters, context: Asked): Record<string, string | boolean> {
  const input: Record<string, string | boolean> = {}
  for (const [name, { in: place, type }] of Object.entries(parameters)) {
    const value = place === 'path' ? context.req.param(name) : context.req.query(name)
    if (value !== undefined) input[name] = type === 'boolean' ? value === 'true' : value
  }
  return input
}
