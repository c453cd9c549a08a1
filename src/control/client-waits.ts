import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Does what may take long, as long as its client waits for it.
 * @param work is given what is aborted when the connection is closed
 */
export async function whileClientWaits<Result>(
  incoming: Pick<IncomingMessage, 'socket'>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const left = new AbortController()
  const leave = () => left.abort()
  // An incoming message that is destroyed has none any more, and a socket that is destroyed already has told so.
  const socket: Socket | null = incoming.socket
  if (!socket || socket.destroyed) leave()
  socket?.once('close', leave)
  try {
    return await work(left.signal)
  } finally {
    socket?.off('close', leave)
  }
}
