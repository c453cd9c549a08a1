import type { Ambient, TurnedClock } from '../../ambient.ts'

/*
 * A clock that can be turned is the machine's and the turns it was given:
 *
 *   machine   ──────────┬────────────────┬─────────────▶
 *   turn                │ +30 days       │ stands
 *   here      ──────────┘ ┌──────────────┴ ─ ─ ─ ─ ─ ─
 *
 * What it shows follows from the last turn. The earlier ones say what it showed when something was signed.
 */

/** From `machine` on the clock showed `time`, and went on, or stood. Both in ms since the epoch. */
export interface Turn {
  machine: number
  time: number
  isStanding: boolean
}

/** A presigned URL lives for seven days, so no older turn is asked for but the one that was the last then. */
const longestLife = 604_800_000
const mostTurns = 1000

/** A clock and chance of an emulator: those it was given, with a clock that can be turned away from the given one. */
export class TurnedAmbient implements Ambient, TurnedClock {
  readonly #base: Ambient
  #turns: readonly Turn[] = []
  #last: Turn | undefined

  /** @param base its clock is the machine's, by which clients sign */
  constructor(base: Ambient) {
    this.#base = base
  }

  now(): number {
    return this.nowAt(this.#base.now())
  }

  /** What it shows while the machine's clock shows `machine`, in ms since the epoch, and nobody turns it. */
  nowAt(machine: number): number {
    return this.#last ? shownBy(this.#last, machine) : machine
  }

  machineNow(): number {
    return this.#base.now()
  }

  /** Undefined while it shows what the machine's shows, and always did. */
  get turned(): TurnedClock | undefined {
    return this.#last && this
  }

  at(time: number): number {
    const turn = this.#turns.findLast(({ machine }) => machine < time)
    return turn ? shownBy(turn, time) : time
  }

  get isStanding(): boolean {
    return this.#last?.isStanding ?? false
  }

  /** All that has to be kept of how it was turned. */
  get turns(): readonly Turn[] {
    return this.#turns
  }

  /** What has to be kept when it is turned once more. */
  turnsWith(turn: Turn, before: readonly Turn[] = this.#turns): Turn[] {
    const oldest = turn.machine - longestLife
    const needed = before.filter((_, index) => (before[index + 1]?.machine ?? oldest) >= oldest)
    return [...needed.slice(1 - mostTurns), turn]
  }

  /** Turns it, or puts it back: to the machine's where there are no turns. */
  take(turns: readonly Turn[]): void {
    this.#turns = turns
    this.#last = turns.at(-1)
  }

  get isRepeatable(): boolean {
    return this.#base.isRepeatable ?? false
  }

  randomBytes(length: number): Buffer {
    return this.#base.randomBytes(length)
  }

  uuid(): string {
    return this.#base.uuid()
  }

  onTurn(listener: () => void): () => void {
    return this.#base.onTurn(listener)
  }
}

function shownBy({ machine, time, isStanding }: Turn, now: number): number {
  return isStanding ? time : time + now - machine
}
