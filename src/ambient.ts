import { randomBytes, randomUUID } from 'node:crypto'

/**
 * The only source of time and randomness, so that a test can repeat a run. Nothing else in this process calls `Date.now`, `new Date()`
 * without an argument, or a source of randomness (a test reads the sources and says so). Tests turn the clock; nothing sleeps.
 */
export interface Ambient {
  /** Milliseconds since the epoch. */
  now(): number
  /** `length` fresh random bytes. */
  randomBytes(length: number): Buffer
  /** A fresh UUID, version 4, lower case. */
  uuid(): string
  /**
   * Calls `listener` whenever the clock was turned by hand, not when it goes on by itself.
   * @returns ends that
   */
  onTurn(listener: () => void): () => void
  /** Whether chance is the same in a second run: work in the background then takes it in one order, one after another. */
  readonly isRepeatable?: boolean
  /** Where `now` was turned away from the clock that clients sign by: what is known of both. */
  readonly turned?: TurnedClock
}

/** A clock that shows something else than that of the machine, or did so before. */
export interface TurnedClock {
  /** What it shows: ms since the epoch. */
  now(): number
  /** What the machine's clock shows: ms since the epoch. */
  machineNow(): number
  /** What it showed when the machine's showed `time`, both in ms since the epoch. */
  at(time: number): number
}

/** The time by which clients sign and durations are measured, however the emulator's clock is turned: ms since the epoch. */
export function machineNow(ambient: Ambient): number {
  return ambient.turned ? ambient.turned.machineNow() : ambient.now()
}

/** The machine's own clock and its cryptographic random source. */
export function systemAmbient(): Ambient {
  return {
    now: () => Date.now(),
    randomBytes: pooledRandomBytes(),
    uuid: () => randomUUID(),
    onTurn: () => () => undefined,
  }
}

const poolSize = 8192
const largestPooled = 256

/**
 * Salts and keys are small, and a call of the system's source costs 10 µs whatever its length: one call fetches many. What is
 * handed out is a piece of the pool itself, and nobody else's.
 */
function pooledRandomBytes(): (length: number) => Buffer {
  let pool = Buffer.alloc(0)
  let used = 0
  return (length) => {
    if (length > largestPooled) return randomBytes(length)
    if (used + length > pool.length) {
      pool = randomBytes(poolSize)
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }
}

/** An ambient whose clock a test turns by hand; randomness stays real. */
export class TurnableAmbient implements Ambient {
  #now: number
  readonly #listeners = new Set<() => void>()

  /** @param start milliseconds since the epoch; default: the machine's time */
  constructor(start: number = Date.now()) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  /** Moves the clock on by `milliseconds` (negative: back). */
  turn(milliseconds: number): void {
    this.#now += milliseconds
    this.announceTurn()
  }

  onTurn(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls the listeners after the clock was turned. */
  protected announceTurn(): void {
    for (const listener of this.#listeners) listener()
  }

  randomBytes(length: number): Buffer {
    return randomBytes(length)
  }

  uuid(): string {
    return randomUUID()
  }
}
