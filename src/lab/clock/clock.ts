import { lastMoment, momentWithZone, readMoment } from '../../calendar.ts'
import { nextTurn } from '../../event-loop.ts'
import type { Services } from '../../services.ts'
import { StoreClosed } from '../../store/database.ts'
import { Turns } from '../../turns.ts'
import { LabRefusal } from '../refusal.ts'
import { clockKey, clockRecords, isUntouched } from './clock-record.ts'
import { parseDuration } from './duration.ts'
import type { Turn, TurnedAmbient } from './turned-ambient.ts'

/*
 * Who turns the clock on passes through all that falls due on the way:
 *
 *   now ──▶ stands at the next moment at which something is due ─▶ done, with that moment in the trail ─▶ … ──▶ the end
 *
 * Each turn is stored before it is taken, so a process that was killed goes on where the clock had come to; it never goes back. A way of
 * thousands of years takes minutes: it ends at the next moment when nobody waits for its end, or the emulator stops, and the clock goes on
 * from there.
 */

/** What the clock shows. */
export interface ClockReading {
  /** ISO 8601, with milliseconds */
  time: string
  /** The same of this machine's clock, by which clients sign. */
  machineTime: string
  /** Whether it stands still. */
  isStanding: boolean
  /** ms that it is ahead of the machine's; negative: behind */
  ahead: number
}

export interface TurnOptions {
  signal?: AbortSignal
}

/**
 * The clock of an emulator: what lasts for days there (deletion windows, rotation, imports, lifecycles, retention, sessions, presigned
 * URLs) is over as soon as it is turned on. It is kept in the store.
 */
export interface Clock {
  show(): Promise<ClockReading>
  /**
   * Turns it on. What falls due meanwhile is done when this resolves, in the order of its time.
   * @param by `30d`, `1d12h`, `90s`, or milliseconds
   * @param options.signal ends it on the way: the clock stays where it has come to
   * @throws LabRefusal
   */
  advance(by: string | number, options?: TurnOptions): Promise<ClockReading>
  /**
   * Turns it on to a moment. It goes back only while nothing has happened yet.
   * @param to ISO 8601, ms since the epoch, or a Date
   * @param options.signal ends it on the way: the clock stays where it has come to
   * @throws LabRefusal
   */
  set(to: string | number | Date, options?: TurnOptions): Promise<ClockReading>
  /** Stops it. */
  freeze(): Promise<ClockReading>
  /** Lets it go on from what it shows. */
  run(): Promise<ClockReading>
}

export interface ClockParts {
  ambient: TurnedAmbient
  /** The services as they are now: a reset composes them anew. */
  services(): Pick<Services, 'inProcess' | 'settle' | 'doDue' | 'nextDue'>
  /** Aborted when the emulator begins to stop. */
  stopping: AbortSignal
}

export class EmulatorClock implements Clock {
  readonly #ambient: TurnedAmbient
  readonly #services: ClockParts['services']
  readonly #stopping: AbortSignal
  /** One turn at a time. */
  readonly #queue = new Turns(1)

  constructor({ ambient, services, stopping }: ClockParts) {
    this.#ambient = ambient
    this.#services = services
    this.#stopping = stopping
  }

  async show(): Promise<ClockReading> {
    const machine = this.#ambient.machineNow()
    const time = this.#ambient.nowAt(machine)
    return {
      time: shown(time),
      machineTime: shown(machine),
      isStanding: this.#ambient.isStanding,
      ahead: time - machine,
    }
  }

  advance(by: string | number, { signal }: TurnOptions = {}): Promise<ClockReading> {
    return this.#turn(async (now, begun) => {
      const length = typeof by === 'number' ? by : parseDuration(by)
      if (!Number.isSafeInteger(length) || length < 0)
        throw new LabRefusal('wrong', `${by} is no number of milliseconds from 0 on`)
      await this.#passTo(inTime(now + length), begun, signal)
    })
  }

  set(to: string | number | Date, { signal }: TurnOptions = {}): Promise<ClockReading> {
    return this.#turn(async (now, begun) => {
      const goal = inTime(momentOf(to))
      if (goal >= now) return this.#passTo(goal, begun, signal)
      const { database } = this.#services().inProcess
      if (!(await isUntouched(database))) throw new LabRefusal('conflict', backwards)
      await this.#keep(this.#turns({ time: goal, isStanding: this.#ambient.isStanding }))
    })
  }

  freeze(): Promise<ClockReading> {
    return this.#turn((time) => this.#keep(this.#turns({ time, isStanding: true })))
  }

  run(): Promise<ClockReading> {
    return this.#turn((time) => this.#keep(this.#turns({ time, isStanding: false })))
  }

  /** @param work is given what this clock shows, and what the machine's does */
  #turn(work: (now: number, machine: number) => Promise<void>): Promise<ClockReading> {
    return this.#queue.during(async () => {
      try {
        const machine = this.#ambient.machineNow()
        await work(this.#ambient.nowAt(machine), machine)
      } catch (error) {
        throw error instanceof StoreClosed ? new LabRefusal('conflict', wasReset) : error
      }
      return this.show()
    })
  }

  /** Stands at each moment while what falls due then is done; a clock that runs goes on from the goal. */
  async #passTo(goal: number, begun: number, signal?: AbortSignal): Promise<void> {
    const { isStanding, turns } = this.#ambient
    const services = this.#services()
    const standAt = async (time: number) => {
      this.#requireAwaited(signal)
      const standing = this.#turns({ time, isStanding: true }, turns)
      await this.#keep(this.#turns({ time, isStanding }, turns), standing)
      await services.doDue()
      // A store in memory gives no turn to anybody else by itself.
      await nextTurn()
    }
    try {
      await standAt(this.#ambient.nowAt(begun))
      for (let next = await services.nextDue(); next !== undefined && next < goal; next = await services.nextDue()) {
        await standAt(next)
      }
      await standAt(goal)
      await services.settle()
    } finally {
      if (!isStanding && services === this.#services()) {
        const machine = this.#ambient.machineNow()
        const time = this.#ambient.now() + machine - begun
        const running = this.#ambient.turnsWith({ machine, time, isStanding }, turns)
        this.#ambient.take(running)
        await this.#keep(running)
      }
    }
    await this.#nextSecond()
  }

  #requireAwaited(signal: AbortSignal | undefined): void {
    const why = this.#stopping.aborted ? 'the emulator stops' : signal?.aborted && 'nobody waits for the end'
    if (why)
      throw new LabRefusal('conflict', `The clock has come to ${shown(this.#ambient.now())} and no further: ${why}`)
  }

  #turns(turn: Pick<Turn, 'time' | 'isStanding'>, before?: readonly Turn[]): Turn[] {
    return this.#ambient.turnsWith({ machine: this.#ambient.machineNow(), ...turn }, before)
  }

  /**
   * Of a store that was emptied meanwhile, nothing is turned.
   * @param taken what holds until the way is over; a process that is killed on it finds what was stored
   */
  async #keep(stored: readonly Turn[], taken: readonly Turn[] = stored): Promise<void> {
    const { database } = this.#services().inProcess
    await database.transact((transaction) => transaction.put(clockRecords, clockKey, stored))
    if (this.#services().inProcess.database !== database) throw new StoreClosed()
    this.#ambient.take(taken)
  }

  /**
   * Signatures say when they were made by the second: only in the next one is it plain that one was made after the clock was
   * turned.
   */
  async #nextSecond(): Promise<void> {
    const left = 1000 - (this.#ambient.machineNow() % 1000)
    await new Promise((resolve) => setTimeout(resolve, left))
  }
}

const backwards =
  'The clock does not go back where something has happened: reset the emulator first, or load a snapshot of before'
const wasReset = 'The emulator was reset, or stopped, before the clock was turned'

function shown(time: number): string {
  return new Date(time).toISOString()
}

function momentOf(to: string | number | Date): number {
  const time: unknown = typeof to === 'string' ? readMoment(to, momentWithZone) : Object(to).valueOf()
  if (typeof time === 'number' && Number.isSafeInteger(time)) return time
  throw new LabRefusal('wrong', `'${to}' is no moment such as 2027-01-01T00:00:00Z`)
}

function inTime(time: number): number {
  if (time >= 0 && time <= lastMoment) return time
  throw new LabRefusal(
    'wrong',
    'The clock is turned to moments from 1970 to 9998: it runs on, and dates end with the year 9999',
  )
}
