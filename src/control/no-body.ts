import type { IncomingMessage } from 'node:http'
import { namesInQuery } from './query.ts'
import { ControlRefusal } from './refusal.ts'
import type { Parameters } from './route.ts'

/**
 * A body that a route does not have would be passed over, and its sender believe that the emulator was reset with its fixtures.
 * `{}` and an empty one say nothing.
 * @throws ControlRefusal that says where parameters go
 */
export function requireNoBody(parameters: Parameters, path: string, { headers }: IncomingMessage): void {
  const length = Number(headers['content-length'] ?? 0)
  if (length <= emptyObject && headers['transfer-encoding'] === undefined) return
  const inQuery = namesInQuery(parameters)
  const where =
    inQuery.length === 0 ? '' : `: ${inQuery.join(', ')} ${inQuery.length === 1 ? 'goes' : 'go'} into the query`
  throw new ControlRefusal(422, `${path} takes no body${where}`)
}

/** Bytes of `{}`, which clients send that send JSON always; nothing else that says something is as short. */
const emptyObject = 2
