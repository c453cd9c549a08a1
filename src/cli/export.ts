import { readFile, stat } from 'node:fs/promises'
import { exportState, importState, sealedWith } from '../control/routes/exports.ts'
import { openExportFile, writeExportFile } from '../lab/snapshots/export-file.ts'
import { OptionFault } from '../options.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'

/**
 * `s3kms-emu export FILE`: the file is written here, where the asker is, whole or not at all.
 * @throws Error in one line
 */
export async function exportTo(file: string, flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const client = openClient(flags, environment, now)
  const bytes = await client.control(exportState, sealedWith(await passphraseOf(flags, environment)))
  await writeExportFile(file, bytes)
  const { size } = await stat(file)
  write(flags.json ? `${JSON.stringify({ file, size })}\n` : `${file}: ${(size / 2 ** 20).toFixed(1)} MiB\n`)
  return 0
}

/**
 * `s3kms-emu import FILE`
 * @throws Error in one line
 */
export async function importFrom(file: string, flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const bytes = await openExportFile(file)
  const client = openClient(flags, environment, now)
  const answer = await client.control(importState, sealedWith(await passphraseOf(flags, environment)), bytes)
  write(flags.json ? `${JSON.stringify(answer)}\n` : `${file}: imported\n`)
  return 0
}

async function passphraseOf(
  { passphrase, passphraseFile }: Flags,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (passphrase !== undefined) return passphrase
  if (passphraseFile !== undefined) return passphraseIn(passphraseFile)
  return environment.S3KMS_PASSPHRASE || undefined
}

/** The end of the file's last line is none of it. @throws OptionFault */
async function passphraseIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(({ code }) => {
    throw new OptionFault(`--passphrase-file ${file} cannot be read (${code})`)
  })
  return text.replace(/\r?\n$/, '')
}
