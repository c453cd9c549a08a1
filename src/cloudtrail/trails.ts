import type { JsonCall } from '../protocol/aws-json.ts'
import type { Pace } from '../store/pace.ts'
import type { CloudTrail, CloudTrailOptions } from './cloudtrail.ts'
import { areTrails } from './records/kinds.ts'

/** Trails, loaded when the first is asked for, or at the start of a store that has some. Where there are none, nothing is done. */
export class Trails implements CloudTrail {
  readonly #options: CloudTrailOptions
  #loading: Promise<CloudTrail> | undefined

  constructor(options: CloudTrailOptions) {
    this.#options = options
  }

  /** Has trails that are there take events from now on. */
  async open(): Promise<void> {
    if (await areTrails(this.#options.database)) await this.#load()
  }

  async invoke(operation: string, input: unknown, call: JsonCall): Promise<object> {
    const loaded = await this.#load()
    return loaded.invoke(operation, input, call)
  }

  async deliver(now: number, pace: Pace): Promise<void> {
    const loaded = await this.#loading
    await loaded?.deliver(now, pace)
  }

  async next(): Promise<number | undefined> {
    const loaded = await this.#loading
    return loaded?.next()
  }

  /** What fails is tried again when it is asked for the next time: a disk that was full may have room by then. */
  #load(): Promise<CloudTrail> {
    this.#loading ??= import('./cloudtrail.ts')
      .then(({ openCloudTrail }) => openCloudTrail(this.#options))
      .catch((error) => {
        this.#loading = undefined
        throw error
      })
    return this.#loading
  }
}
