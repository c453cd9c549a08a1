import type { IncomingMessage } from 'node:http'
import { byteBody } from '../body.ts'
import { ControlRefusal, controlRoute } from '../route.ts'

const guard = 'machine'
const parameters = {
  's3kms-passphrase': {
    in: 'header',
    type: 'string',
    summary: 'What the file is sealed with, percent-encoded.',
  },
} as const

/** The state as a file. */
export const exportState = controlRoute({
  name: 'export',
  method: 'GET',
  path: '/export',
  summary: 'The state as it is at this moment as one file: everything, keys included. Requests go on meanwhile.',
  guard,
  parameters,
  answers: 'bytes',
  async run(controls, { 's3kms-passphrase': passphrase }) {
    return (await controls.snapshots()).export(decoded(passphrase))
  },
})

/** The state from a file. */
export const importState = controlRoute({
  name: 'import',
  method: 'POST',
  path: '/import',
  summary:
    'Puts the emulator into the state of a file that was exported, in the place of all there is. Requests that do not end are cut off when it has been read.',
  guard,
  parameters,
  body: byteBody('A file that was exported.'),
  async run(controls, { 's3kms-passphrase': passphrase }, { body, incoming }) {
    try {
      await (await controls.snapshots()).import(body, decoded(passphrase), incoming)
    } catch (error) {
      await discardRest(incoming)
      throw error
    }
    return { status: 'imported' }
  },
})

/** The parameters of either, as its clients send them: a header has no letters beyond Latin-1. */
export function sealedWith(passphrase: string | undefined): { 's3kms-passphrase'?: string } {
  return { 's3kms-passphrase': passphrase === undefined ? undefined : encodeURIComponent(passphrase) }
}

/** What a client on this machine sends in about a tenth of a second. */
const largestRest = 64 << 20

/** A client that asks for its connection to be closed would, while it still sends, find it broken in the place of the answer. */
async function discardRest(incoming: IncomingMessage): Promise<void> {
  let left = largestRest
  try {
    for await (const { length } of incoming.iterator({ destroyOnReturn: false })) {
      left -= length
      if (left < 0) return
    }
  } catch {
    // It has left.
  }
}

function decoded(passphrase: string | undefined): string | undefined {
  if (passphrase === undefined) return undefined
  try {
    return decodeURIComponent(passphrase)
  } catch {
    throw new ControlRefusal(422, 's3kms-passphrase must be percent-encoded')
  }
}
