import { useEffect } from 'preact/hooks'
import type { Change } from '../answers.ts'
import { isAtThisMachine, tokenHeaders } from './session.ts'

type Listener = (change: Change) => void

const listeners = new Set<Listener>()
let ended: AbortController | undefined

/** Calls `listener` with whatever others and this page do to keys, buckets and objects, as it happens. */
export function useChanges(listener: Listener): void {
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
  for (let wasAway = false; !signal.aborted; wasAway = true) {
    try {
      const response = await fetch('/api/stream', { signal, headers: tokenHeaders() })
      // The token is of one run: another emulator is there, whose page has its own.
      if (wasAway && response.status === 403 && isAtThisMachine()) location.reload()
      // What happened before, while nobody told of it, may be missing from what was read.
      if (response.ok) announce({ calls: [], isMore: true })
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
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined) announce(JSON.parse(data))
    }
  }
}

function announce(change: Change): void {
  for (const listener of listeners) listener(change)
}
