import { StoreUnavailable } from './disk.ts'
import { formatVersion } from './keyspace.ts'

/** The data folder was written by another version, whose format this one does not read. Nothing was touched. */
export class OtherStoreFormat extends Error {
  constructor(folder: string, found: number) {
    const age = found > formatVersion ? 'a newer' : 'an older'
    const cure = 'start with another --data-dir, or move it aside'
    super(`${folder} was written by ${age} version: it has format ${found}, not ${formatVersion}; ${cure}`)
  }
}

/** Whoever asked belongs to a generation of the store that a reset or the end has closed. Nothing was touched. */
export class StoreClosed extends StoreUnavailable {
  constructor() {
    super('The store was emptied or closed meanwhile')
  }
}
