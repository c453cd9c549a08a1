import { StoreDamaged } from './store-damaged.ts'

/** The data folder is in use by another process. */
export class StoreLocked extends Error {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another process`)
  }
}

/** The data folder cannot be opened, for a reason that lies outside of it: permissions, a full disk, another file system. */
export class StoreNotOpened extends Error {
  constructor(folder: string, reason: string) {
    super(`The data folder ${folder} cannot be opened: ${reason}`)
  }
}

/** The system's words, as LevelDB repeats them, and what they are called. */
const systemErrors: readonly (readonly [words: RegExp, code: string])[] = [
  [/permission denied|access is denied/i, 'EACCES, no permission to read and write it'],
  [/operation not permitted/i, 'EPERM, no permission to read and write it'],
  [/read-only file system/i, 'EROFS, its file system is read-only'],
  [/no space left on device/i, 'ENOSPC, its disk is full'],
  [/disk quota exceeded/i, 'EDQUOT, its disk quota is used up'],
  [/too many open files/i, 'EMFILE, too many files are open'],
]

/**
 * What went wrong while a store was opened, in words that name the folder and the cause.
 * @param error of LevelDB, of the file system, or of the look at the folder
 */
export function asStoreError(folder: string, error: unknown): unknown {
  if (error instanceof StoreDamaged) return error
  if (isLocked(error)) return new StoreLocked(folder)
  const cause = innermost(error)
  const message = propertyOf(cause, 'message')
  if (typeof message !== 'string') return error
  const corruption = /^Corruption: (.*)/.exec(message)?.[1]
  if (corruption !== undefined) return new StoreDamaged(folder, 'a file', `cannot be read (LevelDB: ${corruption})`)
  return new StoreNotOpened(folder, reasonOf(message))
}

function reasonOf(message: string): string {
  const found = systemErrors.find(([words]) => words.test(message))
  return found ? `${found[1]} (${message})` : message
}

/** abstract-level says that it failed; why is in the cause. */
function innermost(error: unknown): unknown {
  const cause = propertyOf(error, 'cause')
  return cause === undefined ? error : innermost(cause)
}

export function isLocked(error: unknown): boolean {
  return propertyOf(innermost(error), 'code') === 'LEVEL_LOCKED'
}

/** An error of LevelDB's, or of another realm, need not be an `Error` of this one. */
function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
}
