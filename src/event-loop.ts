/**
 * Lets everybody else have their turn of the event loop. Long work asks for it every few milliseconds: while it holds the loop,
 * nobody is served.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
