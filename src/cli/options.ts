import { Option } from 'commander'
import {
  type OptionRow,
  optionsFromEnvironment,
  optionTable,
  readSettings,
  type Settings,
  settingLabel,
} from '../options.ts'

/**
 * The option table in commander's form. Checks and defaults stay with the table: variables must pass them too.
 * @param own a command's own defaults, as its help shows them
 * @param without options that the command decides itself
 */
export function commandOptions(own: Partial<Settings> = {}, without: readonly (keyof Settings)[] = []): Option[] {
  return optionTable.flatMap(({ name, flags, describe, variable, default: fallback }) => {
    if (flags === undefined || without.includes(name)) return []
    return [new Option(flags, `${describe} (${variable}${defaultShown(own[name] ?? fallback)})`)]
  })
}

function defaultShown(value: OptionRow['default']): string {
  const isWorthShowing = value !== undefined && value !== false && String(value) !== ''
  return isWorthShowing ? `, default ${value}` : ''
}

/** Settings, and how whoever gave one knows it: by its flag, where nobody gave it. */
export interface GivenSettings {
  settings: Settings
  labelOf: (name: keyof Settings) => string
}

/**
 * Settings of a command: flags win over S3KMS_* variables, those over the defaults.
 * @param flags what commander parsed
 * @param own what the command has instead of the table's defaults, already checked
 * @throws OptionFault that names the flag or the variable
 */
export function settingsOf(
  flags: Record<string, unknown>,
  environment: NodeJS.ProcessEnv,
  own: Partial<Record<keyof Settings, unknown>> = {},
): GivenSettings {
  const variables = optionsFromEnvironment(environment)
  const given: Partial<Record<keyof Settings, unknown>> = { ...own, ...variables }
  const asFlags = new Set<keyof Settings>()
  for (const { name, flags: notation } of optionTable) {
    if (notation === undefined) continue
    const value = flags[new Option(notation).attributeName()]
    if (value === undefined) continue
    given[name] = value
    asFlags.add(name)
  }
  const sourceOf = (name: keyof Settings) => (asFlags.has(name) || variables[name] === undefined ? 'flag' : 'variable')
  return { settings: readSettings(given, sourceOf), labelOf: (name) => settingLabel(name, sourceOf(name)) }
}
