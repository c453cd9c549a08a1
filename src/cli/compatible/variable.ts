import type { Settings } from '../../options.ts'

/** Settings as `readSettings` takes them. */
export type Given = Partial<Record<keyof Settings, unknown>>

/** What a variable means here. */
export interface Meaning {
  /** What it sets; lists add to those of other variables. */
  settings?: Given
  /** What there is to say of it instead, or beside. */
  remark?: string
}

/** A variable of another emulator. */
export interface CompatibleVariable {
  /** Its names, the newest first: the first that is set counts. */
  names: readonly string[]
  /** Whether other programs have variables of that name, so that it is taken only where it is asked for. */
  shared?: true
  /** Whether its value is never printed. */
  secret?: true
  /** @returns undefined: it means nothing here, and need not be spoken of */
  read(value: string, environment: Surroundings): Meaning | undefined
}

/** What else a meaning hangs on. */
export interface Surroundings {
  variable(...names: string[]): string | undefined
  isFolder(path: string): boolean
}

/** A value that is set as it is, under one name. */
export function as(name: keyof Settings): (value: string) => Meaning {
  return (value) => ({ settings: { [name]: value } })
}

/** A Region that AWS could have; elsewhere it may be called `auto` or `local`. */
export function regionAs(value: string): Meaning {
  if (/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(value)) return { settings: { region: value } }
  return { remark: `'${value}' is no Region of AWS's` }
}

/** Names separated as their programs separate them. */
export function namesIn(value: string, separator: RegExp): string[] {
  return value
    .split(separator)
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export const isOn = (value: string): boolean => ['1', 'true', 'yes', 'on'].includes(value.toLowerCase())
