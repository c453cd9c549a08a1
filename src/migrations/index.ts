import type { Migration } from './migration.ts'
import { toFormat3 } from './to-format-3.ts'
import { toFormat4 } from './to-format-4.ts'
import { toFormat5 } from './to-format-5.ts'

/** All steps, in order. A step is for ever: stores of its time may come back from a backup. */
export const migrations: readonly Migration[] = [toFormat3, toFormat4, toFormat5]
