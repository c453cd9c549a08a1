// Makes the npm package's file of what `npm run build` made.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const isWindows = process.platform === 'win32'

/**
 * @param folder where the file is put
 * @returns the file's path, its package.json, the paths in it, and the bytes that it takes when it is installed
 */
export function pack(folder) {
  const parameters = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const settings = { cwd: root, encoding: 'utf8', shell: isWindows, stdio: ['ignore', 'pipe', 'inherit'] }
  const [packed] = JSON.parse(execFileSync(isWindows ? 'npm.cmd' : 'npm', parameters, settings))
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const files = packed.files.map(({ path }) => path)
  return { file: join(folder, packed.filename), manifest, files, unpackedSize: packed.unpackedSize }
}
