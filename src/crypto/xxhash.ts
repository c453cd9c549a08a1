import type { IHasher } from 'hash-wasm'
import type { Checksum } from './checksums.ts'

/*
 * XXH64, XXH3 (64 bits) and XXH3 (128 bits) with seed 0, digests in their canonical form, big-endian (evidence: s3-xxhash).
 *
 *   one machine in WebAssembly an algorithm, loaded when the first request names one
 *   each checksum in progress is a state of it: load → update → save
 */

export type XxHashName = 'XXHASH64' | 'XXHASH3' | 'XXHASH128'

type Engine = Record<XxHashName, IHasher>
let engine: Engine | undefined

/** Whether the machines are there. */
export function isXxHashLoaded(): boolean {
  return engine !== undefined
}

/** Loads the machines. Some tens of ms, once. */
export async function loadXxHash(): Promise<void> {
  const { createMachines } = await import('./xxhash-machines.ts')
  engine = await createMachines()
}

/** A checksum in progress. The machines must be loaded. */
export function createXxHash(name: XxHashName): Checksum {
  if (!engine) throw new Error('XXHASH was not loaded')
  const machine = engine[name]
  machine.init()
  let state = machine.save()
  return {
    update(bytes) {
      machine.load(state)
      machine.update(bytes)
      state = machine.save()
    },
    digest() {
      machine.load(state)
      return Buffer.from(machine.digest('binary'))
    },
  }
}
