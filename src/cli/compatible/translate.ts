import { readFileSync, statSync } from 'node:fs'
import { OptionFault, optionTable, readSettings, type Settings } from '../../options.ts'
import { localstackVariables } from './localstack.ts'
import { localKmsVariables, minioVariables, motoVariables, s3MockVariables } from './others.ts'
import type { CompatibleVariable, Given, Meaning, Surroundings } from './variable.ts'

/** Every variable of another emulator that is known, in the order in which they count. */
export const compatibleVariables: readonly CompatibleVariable[] = [
  ...localstackVariables,
  ...minioVariables,
  ...s3MockVariables,
  ...localKmsVariables,
  ...motoVariables,
]

export interface Translation {
  /** What the variables set; the emulator's own flags and variables win over it. */
  settings: Given
  /** The variable that set each of them. */
  variables: Partial<Record<keyof Settings, string>>
  /** What was made of each, one line each: for people. */
  report: string[]
}

/**
 * Translates the variables of other emulators into settings.
 * @param mode `named`: only those whose names no other program has; `all`: DEBUG, SERVICES and the like, too
 * @throws OptionFault naming the variable whose value cannot be
 */
export function translate(environment: NodeJS.ProcessEnv, mode: 'named' | 'all'): Translation {
  const surroundings: Surroundings = { variable: (...names) => findVariable(environment, names)?.value, isFolder }
  const translation: Translation = { settings: {}, variables: {}, report: [] }
  for (const variable of compatibleVariables) {
    if (variable.shared && mode !== 'all') continue
    const found = findVariable(environment, variable.names)
    const meaning = found && variable.read(found.value, surroundings)
    if (!found || !meaning) continue
    check(found.name, meaning)
    merge(translation.settings, meaning.settings ?? {})
    for (const name of Object.keys(meaning.settings ?? {}) as (keyof Settings)[])
      translation.variables[name] ??= found.name
    translation.report.push(`${found.name}${variable.secret ? '' : `=${found.value}`}: ${wordsOf(meaning)}`)
  }
  return translation
}

/** The first of the names that is set; as in containers, NAME_FILE names a file that holds the value. */
function findVariable(
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = environment[name]
    if (value) return { name, value }
    const file = environment[`${name}_FILE`]
    if (file) return { name: `${name}_FILE`, value: contentOf(`${name}_FILE`, file) }
  }
  return undefined
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    const { code = error } = error as NodeJS.ErrnoException
    throw new OptionFault(`${name}: ${file} cannot be read (${code})`)
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Whoever wrote the value knows the variable, not the option. */
function check(name: string, { settings = {} }: Meaning): void {
  try {
    readSettings(settings, 'library')
  } catch (error) {
    throw error instanceof OptionFault ? new OptionFault(`${name}: ${error.message}`) : error
  }
}

/** Lists are added to, of anything else the first counts. */
function merge(into: Given, settings: Given): void {
  for (const name of Object.keys(settings) as (keyof Settings)[]) {
    const [known, value] = [into[name], settings[name]]
    if (Array.isArray(known) && Array.isArray(value)) into[name] = [...known, ...value]
    else into[name] = known ?? value
  }
}

/** `--buckets a,b`, and a remark. */
function wordsOf({ settings = {}, remark }: Meaning): string {
  const flags = optionTable.flatMap(({ name, flags, variable }) => {
    const value = settings[name]
    if (value === undefined || value === false) return []
    const flag = flags?.split(' ')[0]
    if (flag === undefined) return [variable]
    return [value === true ? flag : `${flag} ${value}`]
  })
  return [flags.join(' '), remark].filter(Boolean).join('; ')
}
