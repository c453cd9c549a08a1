import type { IncomingMessage } from 'node:http'
import type { DeclaredBody } from './body.ts'
import type { Controls } from './controls.ts'

export { ControlRefusal } from './refusal.ts'

/** A parameter of a control path: as HTTP, the command line and the library know it. */
export interface Parameter {
  in: 'path' | 'query' | 'header'
  type: 'string' | 'boolean'
  /** Of the query: without it the request is refused. One of the path is there always. */
  required?: true
  summary: string
}

export type Parameters = Readonly<Record<string, Parameter>>

type ValueOf<Declared extends Parameter> = { string: string; boolean: boolean }[Declared['type']]
/** Which parameters are there always; others when they were given. */
type Required = { in: 'path' } | { required: true }
export type InputOf<Declared extends Parameters> = {
  [Name in keyof Declared as Declared[Name] extends Required ? Name : never]: ValueOf<Declared[Name]>
} & {
  [Name in keyof Declared as Declared[Name] extends Required ? never : Name]?: ValueOf<Declared[Name]>
}

/** One path of the control API: HTTP serves it, the command line asks it, and the documents describe it. */
export interface ControlRoute<
  Declared extends Parameters = Parameters,
  Output extends object = object,
  Body = undefined,
> {
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Behind `/_s3kms`; `:name` is a parameter. */
  path: string
  summary: string
  /** Who may ask: `machine` this machine and who bears the token, no browser; `anyone` every program, and who types the address. */
  guard: 'machine' | 'anyone'
  parameters: Declared
  /** What the request's body is, where it has one: `jsonBody` or `byteBody`. */
  body?: DeclaredBody<Body>
  /**
   * `bytes`: `run` gives an AsyncIterable of them, and the answer is a file. `lines`: it gives one of objects, and each becomes a line of
   * JSON when it comes; a refusal that comes later than the first is a line with its `message`. Else it gives what becomes JSON.
   */
  answers?: 'bytes' | 'lines'
  /** @throws ControlRefusal */
  run(controls: Controls, input: InputOf<Declared>, asked: Asked<Body>): Promise<Output>
}

/** What a request brings beside its parameters. */
export interface Asked<Body> {
  body: Body
  /** The request itself, of which somebody who waits to be alone must know. */
  incoming: IncomingMessage
}

/** A route of any kind, as those know it who serve and describe all of them. */
export type AnyRoute = ControlRoute<Parameters, object, unknown>

/** Declares a route; its input has the types of its parameters, its body that of its shape. */
export function controlRoute<const Declared extends Parameters, Output extends object, Body = undefined>(
  route: ControlRoute<Declared, Output, Body>,
): ControlRoute<Declared, Output, Body> {
  return route
}

/** The type of an answer's content. */
export function contentTypeOf({ answers }: Pick<AnyRoute, 'answers'>): string {
  if (answers === 'bytes') return 'application/octet-stream'
  return answers === 'lines' ? 'application/x-ndjson' : 'application/json'
}

/** The target of a request to a route, as its clients send it. */
export function targetOf<Declared extends Parameters>(
  { path, parameters }: Pick<ControlRoute<Declared>, 'path' | 'parameters'>,
  input: InputOf<Declared>,
): string {
  const given = Object.entries<string | boolean | undefined>(input).filter(([, value]) => value !== undefined)
  const filled = given.reduce(
    (text, [name, value]) => text.replace(`:${name}`, encodeURIComponent(String(value))),
    path,
  )
  const query = new URLSearchParams()
  for (const [name, value] of given) if (parameters[name]?.in === 'query') query.set(name, String(value))
  return `/_s3kms${filled}${query.size > 0 ? `?${query}` : ''}`
}

/** The headers of a request to a route that its parameters make. */
export function headersOf<Declared extends Parameters>(
  { parameters }: Pick<ControlRoute<Declared>, 'parameters'>,
  input: InputOf<Declared>,
): Record<string, string> {
  const given = Object.entries<string | boolean | undefined>(input)
  const inHeaders = given.filter(([name, value]) => parameters[name]?.in === 'header' && value !== undefined)
  return Object.fromEntries(inHeaders.map(([name, value]) => [name, String(value)]))
}
