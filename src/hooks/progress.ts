/*
 * How far an emulator is, and what became of the scripts of each stage:
 *
 *   BOOT ─▶ store, fixtures, seeds ─▶ START ─▶ the port opens ─▶ READY ─▶ it is ready … SHUTDOWN ─▶ the port closes
 */

/** The stages of an emulator's life that scripts can hook into, in their order. */
export const stages = ['BOOT', 'START', 'READY', 'SHUTDOWN'] as const
export type Stage = (typeof stages)[number]

export interface ScriptRecord {
  stage: Stage
  /** Of the file, without its folder. */
  name: string
  state: 'UNKNOWN' | 'RUNNING' | 'SUCCESSFUL' | 'ERROR'
}

export interface Progress {
  /** Whether all scripts of a stage have ended, well or not. */
  completed: Record<Stage, boolean>
  scripts: ScriptRecord[]
}

/** Of an emulator that has yet to begin. */
export function noProgress(): Progress {
  return { completed: { BOOT: false, START: false, READY: false, SHUTDOWN: false }, scripts: [] }
}
