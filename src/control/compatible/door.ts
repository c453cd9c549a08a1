import type { IncomingMessage } from 'node:http'
import type { Controls } from '../controls.ts'
import type { ControlRoute } from '../route.ts'

/** What a door answers. Without a body it is empty. */
export interface DoorAnswer {
  status: number
  headers?: Readonly<Record<string, string>>
  /** JSON where its type is not among the headers. */
  body?: string
}

/** A path of another emulator's that is answered here, truthfully, so that set-ups made for it work as they are. */
export interface Door {
  /** Without HEAD; HEAD is answered as GET is. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The whole path; its groups are handed to `answer`. */
  path: RegExp
  /** As of a control route: resets are for this machine, and for who bears the token; health is for every program. */
  guard: ControlRoute['guard']
  answer(controls: Controls, words: readonly string[], incoming: IncomingMessage): DoorAnswer | Promise<DoorAnswer>
}

/** JSON as LocalStack and moto print it, which are written in Python: people grep for `"completed": true`, with the space. */
export function pythonJson(status: number, value: unknown): DoorAnswer {
  return { status, body: printed(value) }
}

function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}: ${printed(member)}`).join(', ')}}`
}

export function plainText(status: number, body: string): DoorAnswer {
  return { status, body, headers: { 'content-type': 'text/plain; charset=utf-8' } }
}
