import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { seed as seedRoute } from '../control/routes/seed.ts'
import type { ObjectFixture } from '../fixtures/document.ts'
import { readFixtureFile } from '../fixtures/file.ts'
import { type ClientFlags, openClient } from './client.ts'
import { lineOfJson, printable } from './output.ts'

/**
 * `s3kms-emu seed FILE…`: makes what fixture files declare in a running emulator. Files are read here, where the asker is.
 * @throws Error in one line, naming the file and the place in it
 */
export async function seed(
  files: readonly string[],
  flags: ClientFlags & { json?: boolean },
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const client = openClient(flags, environment, now)
  const lines: string[] = []
  for (const file of files) {
    const fixtures = await readFixtureFile(file)
    const objects = await Promise.all(fixtures.objects.map((object) => withBody(object, dirname(file))))
    lines.push(...(await client.control(seedRoute, {}, { ...fixtures, objects })).fixtureReport)
  }
  write(flags.json ? `${lineOfJson({ fixtureReport: lines })}\n` : `${lines.map(printable).join('\n')}\n`)
  return 0
}

/** JSON carries text alone. */
async function withBody({ file, ...object }: ObjectFixture, folder: string): Promise<ObjectFixture> {
  if (file === undefined) return object
  const bytes = await readFile(resolve(folder, file))
  if (!isUtf8(bytes)) throw new Error(`${file} is no text: give it at the start, by --fixtures, or put the object`)
  return { ...object, body: bytes.toString() }
}
