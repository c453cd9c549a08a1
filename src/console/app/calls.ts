import { useEffect } from 'preact/hooks'
import type { EventRow } from '../answers.ts'
import { tokenHeaders } from './session.ts'

type Listener = (events: EventRow[]) => void

const listeners = new Set<Listener>()
let ended: AbortController | undefined

/** Calls `listener` with the calls that others and this page make, as they happen; the newest first. */
export function useCalls(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener)
    ended ??= listen()
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      ended?.abort()
      ended = undefined
    }
  }, [listener])
}

function listen(): AbortController {
  const controller = new AbortController()
  void readOn(controller.signal)
  return controller
}

/** By fetch, because EventSource sends no headers. Begins anew when the emulator was away. */
async function readOn(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch('/api/stream', { signal, headers: tokenHeaders() })
      if (response.ok && response.body) await readStream(response.body)
    } catch {
      // It is asked again.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

async function readStream(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += decoder.decode(value, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) announce(block)
  }
}

function announce(block: string): void {
  const data = /^data: (.*)$/m.exec(block)?.[1]
  if (data === undefined) return
  const events: EventRow[] = JSON.parse(data)
  for (const listener of listeners) listener(events)
}
