import type { IncomingMessage } from 'node:http'
import type { Controls } from './controls.ts'

/** A parameter of a control path: as HTTP, the command line and the library know it. */
export interface Parameter {
  in: 'path' | 'query'
  type: 'string' | 'boolean'
  summary: string
}

export type Parameters = Readonly<Record<string, Parameter>>

type ValueOf<Declared extends Parameter> = Declared['type'] extends 'boolean' ? boolean : string
/** A parameter of the path is there always, one of the query when it was given. */
export type InputOf<Declared extends Parameters> = {
  [Name in keyof Declared as Declared[Name]['in'] extends 'path' ? Name : never]: ValueOf<Declared[Name]>
} & {
  [Name in keyof Declared as Declared[Name]['in'] extends 'query' ? Name : never]?: ValueOf<Declared[Name]>
}

/** One path of the control API: HTTP serves it, the command line asks it, and the documents describe it. */
export interface ControlRoute<Declared extends Parameters = Parameters, Output extends object = object> {
  name: string
  method: 'GET' | 'POST'
  /** Behind `/_s3kms`; `:name` is a parameter. */
  path: string
  summary: string
  /** Who may ask: `machine` this machine and who bears the token, no browser; `anyone` every program, and who types the address. */
  guard: 'machine' | 'anyone'
  parameters: Declared
  /**
   * @param incoming the request itself, of which a reset must know
   * @throws ControlRefusal
   */
  run(controls: Controls, input: InputOf<Declared>, incoming: IncomingMessage): Promise<Output>
}

/** Declares a route; its input has the types of its parameters. */
export function controlRoute<const Declared extends Parameters, Output extends object>(
  route: ControlRoute<Declared, Output>,
): ControlRoute<Declared, Output> {
  return route
}

/** What a control path does not do, in words for people. */
export class ControlRefusal extends Error {
  readonly status: 403 | 404 | 422

  constructor(status: 403 | 404 | 422, message: string) {
    super(message)
    this.status = status
  }
}

/** What is answered where the fault is ours. */
export const failureMessage = 'The emulator failed; its log says why.'

/** The target of a request to a route, as its clients send it. */
export function targetOf<Declared extends Parameters>(
  { path, parameters }: ControlRoute<Declared, object>,
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
