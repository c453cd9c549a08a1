import { askerWaited } from './program.mjs'

/*
 * How late an answer is by the emulator's own doing. On a loaded machine both sides wait for a processor, and Linux tells how long:
 *
 *   sent ───────────── took ─────────────▶ answered
 *         waited (asker) + waited (emulator)          own = took − waited
 */

/** Begins to measure. @returns a function that gives ms: what it took, and what of it no other process took
 *  @param {() => number} waited ms that the emulator waited so far: `loopWaited` where its own threads compete, else `waited` */
export function stopwatch(waited) {
  const begun = performance.now()
  const before = waited() + askerWaited()
  return () => {
    const took = performance.now() - begun
    // A program that was started meanwhile has waited less than the one before it.
    const others = Math.max(0, waited() + askerWaited() - before)
    return { took, own: Math.max(0, took - others) }
  }
}
