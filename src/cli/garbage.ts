import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * V8 counts buffers as heap: beside a heap of 10 MB it would collect garbage for every 16 MB of a body that passes, a fifth of
 * the time of a large upload. It may grow to two and a half times its size instead.
 */
export function collectGarbageLessOften(): void {
  setFlagsFromString('--heap-growing-percent=150')
}

/**
 * Bytes of bodies between two collections. With fewer, the buffers of a slow reader survive two collections and are promoted, and
 * promoted buffers are freed late.
 */
const youngBytes = 4 << 20

/**
 * A body leaves two bytes of dead buffers for each of its own, and V8 collects them only after 32 MiB. Collecting the young generation
 * four times as often saves 50 MiB of memory with large bodies, and takes a fifth of a millisecond each time.
 * @returns is called with the number of bytes that passed
 */
export function collectYoungGarbage(collect = youngCollection()): (bytes: number) => void {
  let passed = 0
  return (bytes) => {
    passed += bytes
    if (passed < youngBytes) return
    passed = 0
    collect()
  }
}

/** V8's own function, made at the first use: most of its cost is a context to take it from. */
function youngCollection(): () => void {
  let collect: ((options: { type: 'minor' }) => void) | undefined
  return () => {
    collect ??= exposedCollection()
    collect({ type: 'minor' })
  }
}

/** Does nothing where a later V8 no longer gives it: uploads go on as they are. */
function exposedCollection(): (options: { type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext("typeof gc === 'function' ? gc : () => undefined")
}
