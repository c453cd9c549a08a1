import type { BlobId } from './blob-records.ts'

/** Keeps blobs from being swept while a reader is at work. */
export interface Pin {
  release(): void
}

/** How many are reading which blobs. */
export class Readers {
  readonly #counts = new Map<BlobId, number>()

  pin(ids: readonly BlobId[]): Pin {
    for (const id of ids) this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        for (const id of ids) this.#unpin(id)
      },
    }
  }

  reads(id: BlobId): boolean {
    return this.#counts.has(id)
  }

  #unpin(id: BlobId): void {
    const readers = (this.#counts.get(id) ?? 1) - 1
    if (readers === 0) this.#counts.delete(id)
    else this.#counts.set(id, readers)
  }
}
