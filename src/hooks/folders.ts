import { stat } from 'node:fs/promises'
import { SettingFault } from '../options.ts'

/**
 * A file in the place of a folder would have its scripts silently not run. A folder that is not there has none: images name one that
 * people may mount.
 * @throws SettingFault
 */
export async function requireHookFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined)
    if (found && !found.isDirectory()) {
      const words = `must name folders with boot.d, start.d, ready.d or shutdown.d, not the file ${folder}`
      throw new SettingFault('hooks', words)
    }
  }
}
