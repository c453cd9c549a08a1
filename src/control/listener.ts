import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { LabRefusal } from '../lab/refusal.ts'
import type { Controls } from './controls.ts'
import { refusalOf } from './guard.ts'
import { openApiDocument } from './open-api.ts'
import { type AnyRoute, ControlRefusal, failureMessage, type Parameters } from './route.ts'
import { controlRoutes } from './routes.ts'

/*
 * The control API over HTTP: hono's routes are made of the table, @hono/node-server serves them.
 *
 *   guard → parameters → body → run → JSON, or bytes
 */

/** What is not in the table, and what is no method of a path, is for this machine alone too. */
const open = new Set(controlRoutes.filter(({ guard }) => guard === 'anyone').map(({ path }) => `/_s3kms${path}`))

type Asked = Context<{ Bindings: HttpBindings }>

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
  for (const route of routes) app.on(route.method, route.path, (context) => serve(route, controls, context))
  for (const [path, methods] of methodsByPath(routes)) {
    const allow = methods.join(', ')
    app.all(path, (context) => context.json({ message: `${allow} it` }, 405, { allow }))
  }
  app.get('/openapi.json', (context) => context.json(openApiDocument()))
  app.notFound((context) => refuse(context, 404, `There is no ${context.req.path}`))
  app.onError((error, context) => {
    if (error instanceof ControlRefusal) return refuse(context, error.status, error.message)
    if (error instanceof LabRefusal) return refuse(context, statusOfLab[error.kind], error.message)
    controls.failed(error)
    return refuse(context, 500, failureMessage)
  })
  return getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: 'localhost' })
}

const statusOfLab = { wrong: 422, absent: 404, conflict: 409 } as const

/** A path may have several methods, each a route of its own. */
function methodsByPath(routes: readonly AnyRoute[]): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method])
  return methods
}

async function serve(route: AnyRoute, controls: Controls, context: Asked): Promise<Response> {
  const { incoming, outgoing } = context.env
  const input = readInput(route.parameters, context)
  const body = route.body && (await readBody(route.body, incoming, outgoing))
  const answer = await route.run(controls, input, { body, incoming })
  if (!isBytes(answer)) return context.json(answer)
  await sendBytes(answer, outgoing).catch(controls.failed)
  return alreadySent()
}

function isBytes(answer: object): answer is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in answer
}

/** Who sent `Expect: 100-continue` waits for that, and sends nothing where the request is refused before. */
function readBody(body: NonNullable<AnyRoute['body']>, incoming: IncomingMessage, outgoing: ServerResponse) {
  if (incoming.headers.expect !== undefined) outgoing.writeContinue()
  return body.read(incoming)
}

/**
 * Written without hono, which ends a broken stream as it ends a whole one: only a cut connection tells the client that its file is
 * not whole.
 */
async function sendBytes(bytes: AsyncIterable<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
  await pipeline(Readable.from(bytes, { objectMode: false }), outgoing)
}

/** The word by which @hono/node-server lets an answer be. */
function alreadySent(): Response {
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

function readInput(parameters: Parameters, context: Asked): Record<string, string | boolean> {
  const input: Record<string, string | boolean> = {}
  for (const [name, { in: place, type }] of Object.entries(parameters)) {
    const value = place === 'path' ? context.req.param(name) : context.req.query(name)
    if (value !== undefined) input[name] = type === 'boolean' ? value === 'true' : value
  }
  return input
}

function refuse(context: Asked, status: ControlRefusal['status'] | 500, message: string): Response {
  return context.json({ message }, status)
}
