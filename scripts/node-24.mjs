// Node 24 from npm's `node` package, installed once beside the dependencies. `node scripts/node-24.mjs FILE…` runs FILE with it.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../node_modules/.cache/s3kms-emu/node-24', import.meta.url))
const isWindows = process.platform === 'win32'
const name = isWindows ? 'node.exe' : 'node'
const binaries = [
  join(folder, 'node_modules/node/bin', name),
  join(folder, 'node_modules', `node-${isWindows ? 'win' : process.platform}-${process.arch}`, 'bin', name),
]

/**
 * The path of a Node 24.
 * @throws Error when npm cannot bring it
 */
export function node24() {
  const installed = binaries.find((path) => existsSync(path))
  if (installed) return installed
  mkdirSync(folder, { recursive: true })
  const install = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', 'node@24']
  execFileSync(isWindows ? 'npm.cmd' : 'npm', install, { stdio: ['ignore', 'ignore', 'inherit'], shell: isWindows })
  const found = binaries.find((path) => existsSync(path))
  if (!found) throw new Error("npm's node package brought no binary")
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = spawnSync(node24(), process.argv.slice(2), { stdio: 'inherit' }).status ?? 1
}
