import type { IncomingMessage } from 'node:http'
import type { Controls } from './controls.ts'
import type { ControlListener } from './listener.ts'

/** Whether the target is one of ours. No bucket name begins with `_`, and our paths are never signed. */
export function isControlPath({ url = '', headers }: IncomingMessage): boolean {
  return url.startsWith('/_s3kms/') && !headers.authorization?.startsWith('AWS')
}

/**
 * The control API, loaded when it is first asked for: the start need not wait for it.
 * @param foreignHost why a request's Host may not be served, where it may not
 */
export function openControl(
  controls: Controls,
  foreignHost: (incoming: IncomingMessage) => string | undefined,
): ControlListener {
  let listener: Promise<ControlListener> | undefined
  return async (incoming, outgoing) => {
    listener ??= import('./listener.ts').then(({ createControlListener }) =>
      createControlListener(controls, foreignHost),
    )
    await (await listener)(incoming, outgoing)
  }
}
