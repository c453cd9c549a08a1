/** What was read, and what was wrong with it. */
export interface Verification {
  /** Whether nothing was wrong; what is unreachable is no fault of what is there. */
  ok: boolean
  records: number
  /** Versions of objects that were read whole. */
  versions: number
  /** Parts of uploads in progress that were read whole. */
  parts: number
  /** Bytes of the plaintext of both. */
  bytes: number
  /** Versions and parts that only their customer's key opens, or whose KMS key is gone. */
  unopened: number
  bodies: number
  events: number
  /** Bodies that no record names; `removed`: they were made garbage, which is not done where damaged records may have named them. */
  unreachable: { bodies: number; removed: boolean }
  /** The first thousand. */
  faults: Fault[]
  faultCount: number
}

export interface Fault {
  /**
   * What is wrong: a `record` cannot be what was written, or stands alone where others belong to it; the `manifest` of an object is of
   * other bodies; a `segment` does not authenticate; a `checksum` or an ETag is of other content; a `body` is missing or named twice; the
   * `trail` does not tell what the state does; a `file` of the data folder is not as it was written.
   */
  kind: 'record' | 'manifest' | 'segment' | 'checksum' | 'body' | 'trail' | 'file'
  /** `s3://bucket/key?versionId=…`, an ARN, a file, or what the store calls it. */
  where: string
  message: string
}

/** How far the work is. */
export interface VerifyProgress {
  /** What is read: `files`, `records`, then `objects`, `uploads`, `bodies` and the `trail`. */
  stage: 'files' | 'records' | 'objects' | 'uploads' | 'bodies' | 'trail'
  /** Of objects their bytes, else records. */
  done: number
  /** Of objects alone: how many records there are is known when they were read. */
  total?: number
}

export interface VerifyOptions {
  /** Removes what is unreachable, and nothing else. */
  repair?: boolean
  /** Called as the work goes on, often. */
  onProgress?(progress: VerifyProgress): void
  /** Ends it: nothing is repaired then. */
  signal?: AbortSignal
}

const listedAtMost = 1000

/** Gathers what is found, and tells how far the work is. */
export class Report {
  readonly counts = { records: 0, versions: 0, parts: 0, bytes: 0, unopened: 0, bodies: 0, events: 0 }
  readonly unreachable = { bodies: 0, removed: false }
  /** Whether records are damaged that may name bodies. */
  areNamesDamaged = false
  readonly #faults: Fault[] = []
  #faultCount = 0
  readonly #options: VerifyOptions

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  /** @throws the signal's reason once nobody waits for the end */
  proceed(stage: VerifyProgress['stage'], done: number, total?: number): void {
    this.#options.signal?.throwIfAborted()
    this.#options.onProgress?.({ stage, done, total })
  }

  /** Whether nobody waits for the end any more: what fails then is no fault of what is stored. */
  get isAbandoned(): boolean {
    return this.#options.signal?.aborted === true
  }

  add(kind: Fault['kind'], where: string, message: string): void {
    this.#faultCount++
    if (this.#faults.length < listedAtMost) this.#faults.push({ kind, where, message })
  }

  verification(): Verification {
    const { unreachable } = this
    return {
      ok: this.#faultCount === 0,
      ...this.counts,
      unreachable,
      faults: this.#faults,
      faultCount: this.#faultCount,
    }
  }
}
