import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { BlankSchema } from 'hono/types'
import { readBody } from './body.ts'
import type { Controls } from './controls.ts'
import { refusalIn } from './failure.ts'
import { requireNoBody } from './no-body.ts'
import { requireKnown, severalValues } from './query.ts'
import { type AnyRoute, ControlRefusal, contentTypeOf, type Parameter, type Parameters } from './route.ts'
import { controlRoutes } from './routes.ts'

/** What the routes are added to: the control API's own paths, or those of the console. Its owner guards it. */
export type ControlApp = Hono<{ Bindings: HttpBindings }, BlankSchema, string>
type Asked = Context<{ Bindings: HttpBindings }>

/** Adds the routes of the table to an app. @param routes those that are added; tests have their own */
export function addControlRoutes(
  app: ControlApp,
  controls: Controls,
  routes: readonly AnyRoute[] = controlRoutes,
): void {
  for (const route of routes) app.on(route.method, route.path, (context) => serve(route, controls, context))
  for (const [path, methods] of methodsByPath(routes)) {
    const allow = methods.join(', ')
    app.all(path, (context) => context.json({ message: `${allow} it` }, 405, { allow }))
  }
}

/** Serves an app. What is left of a body is thrown away by the server (server/unread-body.ts): hono's adapter cuts the connection. */
export function listenerOf({ fetch }: Pick<ControlApp, 'fetch'>): ReturnType<typeof getRequestListener> {
  return getRequestListener(fetch, {
    overrideGlobalObjects: false,
    hostname: 'localhost',
    autoCleanupIncoming: false,
    errorHandler: answerOfAdapter,
  })
}

/** What fails before the app is asked: a Host and a path that make no URL, such as `localhost:99999`. */
function answerOfAdapter(error: unknown): Response {
  if (!(error instanceof RequestError)) throw error
  return Response.json({ message: 'The Host and the path of the request make no address' }, { status: 400 })
}

/** A path may have several methods, each a route of its own. */
function methodsByPath(routes: readonly AnyRoute[]): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method])
  return methods
}

async function serve(route: AnyRoute, controls: Controls, context: Asked): Promise<Response> {
  const { incoming, outgoing } = context.env
  const input = readInput(route.parameters, context)
  if (!route.body) requireNoBody(route.parameters, context.req.path, incoming)
  const body = route.body && (await readBody(route.body, context.env))
  const answer = await route.run(controls, input, { body, incoming })
  if (!isIterable(answer)) return context.json(answer)
  const bytes = route.answers === 'lines' ? linesOf(answer) : (answer as AsyncIterable<Uint8Array>)
  await sendBytes(bytes, contentTypeOf(route), outgoing).catch((error) => {
    const isLeft = error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (!isLeft) controls.failed(error)
  })
  return alreadySent()
}

function isIterable(answer: object): answer is AsyncIterable<unknown> {
  return Symbol.asyncIterator in answer
}

/** The status is sent before the first line, so a refusal that comes later is the last line. */
async function* linesOf(answer: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const line = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`)
  try {
    for await (const value of answer) yield line(value)
  } catch (error) {
    const refusal = refusalIn(error)
    if (!refusal) throw error
    yield line({ message: refusal.message })
  }
}

/**
 * Written without hono, which ends a broken stream as it ends a whole one: only a cut connection tells the client that its file is
 * not whole.
 */
async function sendBytes(
  bytes: AsyncIterable<Uint8Array>,
  contentType: string,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' })
  await pipeline(Readable.from(bytes, { objectMode: false }), outgoing)
}

/** The word by which @hono/node-server lets an answer be. */
export function alreadySent(): Response {
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

function readInput(parameters: Parameters, context: Asked): Record<string, string | boolean> {
  requireKnown(parameters, context.req.path, new URL(context.req.url).searchParams)
  const input: Record<string, string | boolean> = {}
  for (const [name, { in: place, type, required }] of Object.entries(parameters)) {
    const value = valueIn(context, place, name)
    if (required && value === undefined) throw new ControlRefusal(422, `${name} is missing`)
    if (value !== undefined) input[name] = type === 'boolean' ? truth(name, value) : value
  }
  return input
}

function truth(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new ControlRefusal(422, `${name} must be true or false, not '${text}'`)
}

function valueIn({ req, env }: Asked, place: Parameter['in'], name: string): string | undefined {
  if (place === 'header') return onlyValue(name, env.incoming.headersDistinct[name])
  return place === 'path' ? req.param(name) : req.query(name)
}

/** Node.js joins the values of a header that is sent twice. @throws ControlRefusal */
function onlyValue(name: string, [value, ...more]: readonly string[] = []): string | undefined {
  if (more.length > 0) throw severalValues(name)
  return value
}
