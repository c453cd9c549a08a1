import type { IncomingMessage } from 'node:http'
import type { Server } from '../server/server.ts'
import type { Services } from '../services.ts'
import { type Database, StoreClosed } from '../store/database.ts'
import type { State } from '../store/state.ts'

export interface ResetOptions {
  fixtures?: boolean
}

/** What makes an emulator of a store. */
interface Steps {
  compose(generation: Database): Promise<Services>
  /** Applies the fixture files. */
  applied(services: Services): Promise<string[]>
}

/** The services over the store as it is now. A reset ends the store's generation, and composes them anew over the next one. */
export class CurrentServices {
  services: Services
  #database: Database
  readonly #server: Server
  readonly #steps: Steps
  #stopped: Promise<void> | undefined

  constructor(database: Database, server: Server, services: Services, steps: Steps) {
    this.#database = database
    this.#server = server
    this.services = services
    this.#steps = steps
  }

  /**
   * Who is cut off, and what works in the background, writes no more from the store's clearing on. One that failed may be
   * repeated: until then every request is refused. Where a fixture file is wrong, none is applied.
   * @param options.fixtures whether the fixture files are applied again, before anybody else is let in
   * @param own the request in flight that asks for it, if one does
   * @returns what the fixture files did, one line each
   * @throws FixtureFault; StoreClosed when the emulator was stopped meanwhile
   */
  readonly reset = async ({ fixtures = false }: ResetOptions, own?: IncomingMessage): Promise<string[]> => {
    let report: string[] = []
    await this.#server.alone(own, async () => {
      if (this.#stopped) throw new StoreClosed()
      await this.#empty()
      if (!fixtures) return
      try {
        report = await this.#steps.applied(this.services)
      } catch (error) {
        // Not half of them.
        await this.#empty()
        throw error
      }
    })
    return report
  }

  /**
   * Puts all services over another state of the store. Who is cut off writes nothing into it, as at a reset; one that failed half way
   * may be repeated, and the next start does that.
   * @param name by which the start finds the state
   * @param own the request in flight that asks for it, if one does
   * @throws StoreClosed when the emulator was stopped meanwhile
   */
  readonly load = async (state: State, name: string, own?: IncomingMessage): Promise<void> => {
    await this.#server.alone(own, async () => {
      if (this.#stopped) throw new StoreClosed()
      await this.#begin(await this.#database.load(state, name))
    })
  }

  /** Of a request that waits for others: no reset, and no load, waits for it or cuts it off. @returns what ends that */
  readonly aside = (own: IncomingMessage): (() => void) => this.#server.aside(own)

  async #empty(): Promise<void> {
    await this.#begin(await this.#database.clear())
  }

  async #begin(generation: Database): Promise<void> {
    this.#database = generation
    await this.services.close()
    this.services = await this.#steps.compose(generation)
  }

  readonly stop = (): Promise<void> => {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    await this.#server.stop()
    // Not while a reset is under way.
    await this.#server.alone(undefined, async () => {
      await this.services.close()
      await this.#database.close()
    })
  }
}
