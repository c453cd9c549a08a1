import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Controls } from './controls.ts'
import { failureMessage } from './failure.ts'
import { refusalOf } from './guard.ts'
import type { ControlListener } from './listener.ts'
import { requireKnown } from './query.ts'
import { ControlRefusal } from './refusal.ts'
import { health } from './routes/health.ts'

/** Whether the target is one of ours. No bucket name begins with `_`, and our paths are never signed. */
export function isControlPath({ url = '', headers }: IncomingMessage): boolean {
  return url.startsWith('/_s3kms/') && !headers.authorization?.startsWith('AWS')
}

/** The paths of other emulators, loaded when one is first asked for. */
export function openDoors(
  controls: Controls,
  foreignHost: (incoming: IncomingMessage) => string | undefined,
): ControlListener {
  let listener: Promise<ControlListener> | undefined
  return async (incoming, outgoing) => {
    listener ??= import('./compatible/doors.ts').then(({ createCompatibleListener }) =>
      createCompatibleListener(controls, foreignHost),
    )
    await (await listener)(incoming, outgoing)
  }
}

/**
 * The control API, loaded when it is first asked for: the start need not wait for it. Health alone is answered without it, because
 * whoever waits for a start asks for that, and hono's loading takes 30 ms.
 * @param foreignHost why a request's Host may not be served, where it may not
 */
export function openControl(
  controls: Controls,
  foreignHost: (incoming: IncomingMessage) => string | undefined,
): ControlListener {
  let listener: Promise<ControlListener> | undefined
  return async (incoming, outgoing) => {
    if (isForHealth(incoming)) {
      const refusal = foreignHost(incoming) ?? refusalOf(incoming, health.guard, controls.token)
      return answerHealth(controls, refusal, incoming.url ?? '', outgoing)
    }
    listener ??= import('./listener.ts').then(({ createControlListener }) =>
      createControlListener(controls, foreignHost),
    )
    await (await listener)(incoming, outgoing)
  }
}

function isForHealth({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && /^\/_s3kms\/health(\?|$)/.test(url)
}

async function answerHealth(
  controls: Controls,
  refusal: string | undefined,
  target: string,
  outgoing: ServerResponse,
): Promise<void> {
  const [status, content] = refusal === undefined ? await healthOf(controls, target) : [403, { message: refusal }]
  const body = JSON.stringify(content)
  const length = Buffer.byteLength(body)
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': length,
  })
  outgoing.end(body)
}

async function healthOf(controls: Controls, target: string): Promise<[status: number, content: object]> {
  try {
    const [path = '', ...query] = target.split('?')
    requireKnown(health.parameters, path, new URLSearchParams(query.join('?')))
    const report = await controls.health()
    return [report.status === 'starting' ? 503 : 200, report]
  } catch (error) {
    if (error instanceof ControlRefusal) return [error.status, { message: error.message }]
    controls.failed(error instanceof Error ? error : new Error(String(error)))
    return [500, { message: failureMessage }]
  }
}
