import { readFileSync } from 'node:fs'
import { join } from 'node:path'

declare global {
  interface ImportMeta {
    /** The single executable around this file, where there is one; the build puts it in. */
    executable?: { getRawAsset(name: string): ArrayBuffer }
  }
}

/**
 * The licences of what this program holds of others: in the executable, or beside the bundle.
 * @throws Error where it runs from its sources
 */
export function noticeText(): string {
  if (import.meta.executable) return Buffer.from(import.meta.executable.getRawAsset('NOTICE')).toString()
  return readFileSync(join(import.meta.dirname, 'NOTICE'), 'utf8')
}
