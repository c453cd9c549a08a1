import { readFile } from 'node:fs/promises'
import { SettingFault, type Settings } from '../options.ts'

/**
 * The root key as the user gives it: 32 bytes as base64 or 64 hex digits, in S3KMS_ROOT_KEY or a file; a file may also hold
 * the bare 32 bytes.
 * @returns undefined when none is given: the emulator makes one and keeps it in the store
 * @throws SettingFault with one clear line that never shows the key
 */
export async function givenRootKey({ rootKey, rootKeyFile }: Settings): Promise<Buffer | undefined> {
  if (rootKey !== undefined) return keyOf(Buffer.from(rootKey), 'rootKey')
  if (rootKeyFile === undefined) return undefined
  const bytes = await readFile(rootKeyFile).catch((error: NodeJS.ErrnoException) => {
    throw new SettingFault('rootKeyFile', `${rootKeyFile} cannot be read (${error.code})`)
  })
  return bytes.length === 32 ? bytes : keyOf(bytes, 'rootKeyFile', `${rootKeyFile} `)
}

/** @param file what is named of it: nothing of a key that is given itself */
function keyOf(bytes: Buffer, setting: 'rootKey' | 'rootKeyFile', file = ''): Buffer {
  const text = bytes.toString('latin1').trim()
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return Buffer.from(text, 'base64')
  throw new SettingFault(setting, `${file}must hold 32 bytes as base64 or 64 hex digits`)
}
