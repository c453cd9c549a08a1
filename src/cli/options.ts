import { Option } from 'commander'
import { optionsFromEnvironment, optionTable, readSettings, type Settings } from '../options.ts'

/** The option table in commander's form. Checks and defaults stay with the table: variables must pass them too. */
export function commandOptions(): Option[] {
  return optionTable.flatMap(({ flags, describe, variable, default: fallback }) => {
    if (flags === undefined) return []
    const isWorthShowing = fallback !== undefined && fallback !== false && String(fallback) !== ''
    const shown = isWorthShowing ? `, default ${fallback}` : ''
    return [new Option(flags, `${describe} (${variable}${shown})`)]
  })
}

/**
 * Settings of a command: flags win over S3KMS_* variables, those over the defaults.
 * @param flags what commander parsed
 * @throws OptionFault
 */
export function settingsOf(flags: Record<string, unknown>, environment: NodeJS.ProcessEnv): Settings {
  const given: Partial<Record<keyof Settings, unknown>> = optionsFromEnvironment(environment)
  for (const { name, flags: notation } of optionTable) {
    if (notation === undefined) continue
    const value = flags[new Option(notation).attributeName()]
    if (value !== undefined) given[name] = value
  }
  return readSettings(given, 'flag')
}
