// A folder as a user's project: what this repository has installed is installed there, and the package as the build made it.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
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

/** What `files` of package.json names, and what npm adds to it. */
function installPackage(target) {
  const declared = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).files
  const files = declared.filter((text) => !text.startsWith('!'))
  const patterns = ['package.json', 'README.md', ...files].map(patternOf)
  const left = declared.filter((text) => text.startsWith('!')).map((text) => patternOf(text.slice(1)))
  for (const top of new Set(['package.json', 'README.md', ...files.map((pattern) => pattern.split('/')[0])])) {
    cpSync(join(root, top), join(target, top), {
      recursive: true,
      filter: (path) => {
        const name = relative(root, path).split(sep).join('/')
        return statSync(path).isDirectory()
          ? patterns.some((pattern) => pattern.test(name)) || files.some((pattern) => pattern.startsWith(`${name}/`))
          : patterns.some((pattern) => pattern.test(name)) && !left.some((pattern) => pattern.test(name))
      },
    })
  }
}

function patternOf(text) {
  return new RegExp(`^${text.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`)
}

function linkPrograms(from, to) {
  mkdirSync(to)
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name))
  symlinkSync(join(dirname(to), 's3kms-emu/dist/program.cjs'), join(to, 's3kms-emu'))
}
