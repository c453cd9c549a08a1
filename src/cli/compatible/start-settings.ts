import type { Settings } from '../../options.ts'
import { type GivenSettings, settingsOf } from '../options.ts'

/** Whether a variable may be one of another emulator's that no other program has; test: every such name is. */
export const named =
  /^(LOCALSTACK_|GATEWAY_LISTEN|MINIO_|COM_ADOBE_TESTING_S3MOCK_|MOTO_|KMS_(SEED|DATA)_PATH|initialBuckets|retainFilesOnExit|validKmsKeys)/

/**
 * The settings of `start`: its flags win over S3KMS_* variables, those over the variables of other emulators, those over the defaults.
 * @param own what the command has instead of the table's defaults
 * @returns beside them what was made of other emulators' variables, one line each
 * @throws OptionFault that names the flag or the variable
 */
export async function startSettings(
  flags: Record<string, unknown>,
  environment: NodeJS.ProcessEnv,
  own: Partial<Settings> = {},
): Promise<GivenSettings & { translated: string[] }> {
  const given = settingsOf(flags, environment, own)
  const { compatible } = given.settings
  const isNamed = compatible === 'named' && Object.keys(environment).some((name) => named.test(name))
  if (!isNamed && compatible !== 'all') return { ...given, translated: [] }
  const { translate } = await import('./translate.ts')
  const { settings: translated, variables, report } = translate(environment, compatible)
  // Who names a folder wants it kept, whatever is usual elsewhere.
  if (flags.dataDir !== undefined || environment.S3KMS_DATA_DIR) delete translated.ephemeral
  const { settings } = settingsOf(flags, environment, { ...own, ...translated })
  const isOwn = (name: keyof Settings) => settings[name] === given.settings[name]
  const labelOf = (name: keyof Settings) =>
    isOwn(name) ? given.labelOf(name) : (variables[name] ?? given.labelOf(name))
  return { settings, labelOf, translated: report }
}
