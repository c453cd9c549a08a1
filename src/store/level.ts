import type { AbstractLevel } from 'abstract-level'

/** A LevelDB, on disk or in memory: bytes under bytes. */
export type Level = AbstractLevel<string | Buffer | Uint8Array, Buffer, Buffer>
