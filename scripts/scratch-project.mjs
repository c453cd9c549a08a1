// A folder as a user's project: what this repository has installed is installed there, and the package as the build made it.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * @returns the folder, empty but for node_modules, and what removes it
 */
export function scratchProject() {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 's3kms-emu-project-'))
  const modules = join(folder, 'node_modules')
  const installed = realpathSync(join(root, 'node_modules'))
  mkdirSync(modules)
  for (const name of readdirSync(installed)) {
    if (!name.startsWith('.')) symlinkSync(join(installed, name), join(modules, name), 'junction')
  }
  installPackage(join(modules, 's3kms-emu'))
  linkPrograms(join(installed, '.bin'), join(modules, '.bin'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function installPackage(target) {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  mkdirSync(target, { recursive: true })
  for (const name of ['package.json', ...new Set(files.map((pattern) => pattern.split('/')[0]))]) {
    cpSync(join(root, name), join(target, name), {
      recursive: true,
      filter: (path) => !/dist.package|declarations-/.test(path),
    })
  }
}

function linkPrograms(from, to) {
  mkdirSync(to)
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name))
  symlinkSync(join(dirname(to), 's3kms-emu/dist/s3kms-emu.cjs'), join(to, 's3kms-emu'))
}
