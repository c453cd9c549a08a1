import { stat } from 'node:fs/promises'
import { OptionFault } from '../options.ts'

/**
 * A file in the place of a folder would have its scripts silently not run. A folder that is not there has none: images name one that
 * people may mount.
 * @throws OptionFault
 */
export async function requireHookFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined)
    if (found && !found.isDirectory()) {
      throw new OptionFault(
        `--hooks (S3KMS_HOOKS) must name folders with boot.d, start.d, ready.d or shutdown.d, not the file ${folder}`,
      )
    }
  }
}
