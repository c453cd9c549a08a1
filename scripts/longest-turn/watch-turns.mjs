// How long turns of this process's event loop are at most. Where Linux tells it, the time in which other processes had the processor
// is not counted, so that a busy machine does not spoil it.
import { askerWaited } from '../torture/program.mjs'

const interval = 1

/**
 * Looks every millisecond how much later it is than it should be.
 * @returns `longest` in ms, since the beginning or the last `reset`
 */
export function watchTurns() {
  let [last, waited, longest] = [performance.now(), askerWaited(), 0]
  const look = () => {
    const [now, waitedNow] = [performance.now(), askerWaited()]
    longest = Math.max(longest, now - last - interval - (waitedNow - waited))
    last = now
    waited = waitedNow
  }
  const timer = setInterval(look, interval)
  return {
    longest: () => longest,
    reset() {
      look()
      longest = 0
    },
    stop: () => clearInterval(timer),
  }
}
