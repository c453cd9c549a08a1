import type { IncomingMessage } from 'node:http'
import { LabRefusal } from '../lab/refusal.ts'
import { StoreUnavailable } from '../store/disk.ts'
import type { Controls } from './controls.ts'
import { ControlRefusal } from './refusal.ts'

/* What an error says to who asked: a path of the control API, one that stands in for another emulator's, or one of the console's. */

/** What is answered where the fault is ours. */
export const failureMessage = 'The emulator failed; its log says why.'

const statusOfLab = { wrong: 422, absent: 404, conflict: 409 } as const

/** What an error says to who asked; undefined where the fault is ours. */
export function refusalIn(error: unknown): Pick<ControlRefusal, 'status' | 'message'> | undefined {
  if (error instanceof ControlRefusal) return error
  if (error instanceof LabRefusal) return { status: statusOfLab[error.kind], message: error.message }
  // A reset or a load came between, or the disk is full.
  if (error instanceof StoreUnavailable) return { status: statusOfLab.conflict, message: error.message }
  return undefined
}

/** The answer to a request that ended with an error. What is our fault is told to the log. */
export function answerOfError(
  error: unknown,
  incoming: Pick<IncomingMessage, 'destroyed' | 'complete'>,
  { failed }: Pick<Controls, 'failed'>,
): { status: ControlRefusal['status'] | 500; message: string } {
  const refusal = refusalIn(error)
  if (refusal) return { status: refusal.status, message: refusal.message }
  // A client that leaves in the midst of its body is no fault of ours, and hears nothing.
  const hasLeft = incoming.destroyed && !incoming.complete
  if (!hasLeft) failed(error instanceof Error ? error : new Error(String(error)))
  return { status: 500, message: failureMessage }
}
