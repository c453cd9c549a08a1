import type { IncomingMessage, ServerResponse } from 'node:http'
import { LabRefusal } from '../../lab/refusal.ts'
import type { Controls } from '../controls.ts'
import { answerOfError } from '../failure.ts'
import { refusalOf } from '../guard.ts'
import type { ControlListener } from '../listener.ts'
import { chaosDoors } from './chaos.ts'
import { type Door, type DoorAnswer, pythonJson } from './door.ts'
import { localstackDoors } from './localstack.ts'
import { otherDoors } from './others.ts'

/*
 * Paths of LocalStack, moto, MinIO and S3Mock, on Node's own request: few are asked, and none needs hono.
 *
 *   door → method → guard → answer
 */

const doors: readonly Door[] = [...localstackDoors, ...chaosDoors, ...otherDoors]

/** @param foreignHost why a request's Host may not be served, where it may not */
export function createCompatibleListener(
  controls: Controls,
  foreignHost: (incoming: IncomingMessage) => string | undefined,
): ControlListener {
  return async (incoming, outgoing) => {
    // Who sent `Expect: 100-continue` waits for that.
    if (incoming.headers.expect !== undefined) outgoing.writeContinue()
    const answer = await answerOf(controls, incoming, foreignHost(incoming)).catch((error) =>
      failed(controls, incoming, error),
    )
    send(incoming, outgoing, answer)
  }
}

async function answerOf(
  controls: Controls,
  incoming: IncomingMessage,
  foreign: string | undefined,
): Promise<DoorAnswer> {
  const path = pathOf(incoming)
  const method = incoming.method === 'HEAD' ? 'GET' : incoming.method
  const here = doors.filter((door) => door.path.test(path))
  const door = here.find((candidate) => candidate.method === method)
  // What is not here is for this machine alone, too.
  const refusal = foreign ?? refusalOf(incoming, door?.guard ?? 'machine', controls.token)
  if (refusal !== undefined) return pythonJson(403, { message: refusal })
  if (here.length === 0) return pythonJson(404, { message: `There is no ${path}` })
  if (!door) return notAllowed(here.map((other) => other.method))
  const [, ...words] = door.path.exec(path) ?? []
  return door.answer(controls, words, incoming)
}

function notAllowed(methods: readonly string[]): DoorAnswer {
  return { ...pythonJson(405, { message: `${methods.join(' or ')} it` }), headers: { allow: methods.join(', ') } }
}

function failed(controls: Controls, incoming: IncomingMessage, error: unknown): DoorAnswer {
  if (error instanceof LabRefusal) return pythonJson(422, { message: error.message })
  const { status, message } = answerOfError(error, incoming, controls)
  return pythonJson(status, { message })
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body = '' }: DoorAnswer): void {
  const type = body === '' ? {} : { 'content-type': 'application/json' }
  outgoing.writeHead(status, {
    ...type,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  outgoing.end(incoming.method === 'HEAD' ? undefined : body)
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? url
}
