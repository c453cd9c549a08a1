import { kill } from './kill.mjs'
import { killInReset } from './kill-in-reset.mjs'
import { killInStart } from './kill-in-start.mjs'
import { killInSweep } from './kill-in-sweep.mjs'
import { reset } from './reset.mjs'

/** In the order they run. */
export const scenarios = [kill, reset, killInReset, killInSweep, killInStart]
