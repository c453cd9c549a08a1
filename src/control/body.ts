import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { isTooDeep } from '../protocol/json-depth.ts'
import { examine, type Fault, type Path, type Shape } from '../protocol/shapes.ts'
import { readWholeBody } from '../protocol/whole-body.ts'
import { ControlRefusal } from './refusal.ts'

/*
 * What a request of the control API brings in its body, where its route declares one:
 *
 *   JSON     whole, ≤ 256 KiB, not nested deeply; 400 where it is no JSON, 422 where it is not what the shape says
 *   bytes    as they come: a file, of any length
 */

/** A declared body. */
export interface DeclaredBody<Body> {
  contentType: 'application/json' | 'application/octet-stream'
  /** What it is, for the documents. */
  summary: string
  /** Of JSON. */
  shape?: Shape<Body>
  /** @throws ControlRefusal */
  read(incoming: IncomingMessage): Promise<Body>
}

/**
 * Reads the body of a request. Who sent `Expect: 100-continue` waits for that, and sends nothing where the request is refused before.
 * @throws ControlRefusal
 */
export function readBody<Body>(body: DeclaredBody<Body>, { incoming, outgoing }: HttpBindings): Promise<Body> {
  if (incoming.headers.expect !== undefined) outgoing.writeContinue()
  return body.read(incoming)
}

/** Parsing it takes a few ms at the most. */
const jsonLimit = 256 << 10

/** A body in JSON. @param shape its members; make it closed, so that a member with a wrong name is not passed over */
export function jsonBody<Body>(summary: string, shape: Shape<Body>): DeclaredBody<Body> {
  const read = async (incoming: IncomingMessage) => {
    const bytes = await readWholeBody(bytesOf(incoming), jsonLimit, tooLarge)
    const { value, faults } = examine(shape, parse(bytes))
    if (faults.length > 0) throw new ControlRefusal(422, faults.map(wordsOf).join('; '))
    return value
  }
  return { contentType: 'application/json', summary, shape, read }
}

/** A body in JSON whose form the route reads itself. */
export function jsonDocument(summary: string): DeclaredBody<unknown> {
  const read = async (incoming: IncomingMessage) => parse(await readWholeBody(bytesOf(incoming), jsonLimit, tooLarge))
  return { contentType: 'application/json', summary, read }
}

/** A body of bytes, which the route reads as they come. */
export function byteBody(summary: string): DeclaredBody<AsyncIterable<Buffer>> {
  const read = async (incoming: IncomingMessage) => bytesOf(incoming)
  return { contentType: 'application/octet-stream', summary, read }
}

/** Who reads no further than it must leaves the connection to the answer, and to the next request. */
function bytesOf(incoming: IncomingMessage): AsyncIterableIterator<Buffer> {
  return incoming.iterator({ destroyOnReturn: false })
}

const tooLarge = () => new ControlRefusal(413, `The body may have ${jsonLimit} bytes at the most`)

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return {}
  if (!isUtf8(bytes)) throw new ControlRefusal(400, 'The body is not UTF-8')
  if (isTooDeep(bytes)) throw new ControlRefusal(400, 'The body is nested too deeply')
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new ControlRefusal(400, 'The body is not JSON')
  }
}

function wordsOf({ path, words }: Fault): string {
  return path.length === 0 ? `The body: ${words}` : `${placeOf(path)}: ${words}`
}

/** `rules[0].match.key` */
function placeOf(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}
