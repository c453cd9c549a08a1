// A program of somebody else's, in both kinds of modules, that imports every path of the package: the compiler must take it, and the
// package's declarations themselves, which a project that skips the checks of libraries would never see.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')

const use = `
export async function use(): Promise<string> {
  const options: main.EmulatorOptions = { ephemeral: true, port: 0, bucketDefaults: 'current' }
  const emulator: main.Emulator = await main.startEmulator(options, new main.TurnableAmbient())
  await emulator.reset({ fixtures: true })
  await emulator.stop()
  return emulator.endpoint
}
// @ts-expect-error The types must be there, and say no.
void main.startEmulator({ port: 'many' })
`

/**
 * @param manifest the package's package.json
 * @param files the paths in the package
 * @returns what the compiler has to say, a line each
 */
export function consumerFaults(manifest, files) {
  const cache = join(root, 'node_modules/.cache/s3kms-emu')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'consumer-'))
  try {
    const installed = join(folder, 'node_modules', manifest.name)
    for (const path of files.filter((one) => /\.[cm]ts$|^package\.json$/.test(one)))
      cpSync(join(root, path), join(installed, path))
    writeConsumers(folder, manifest)
    return [
      ...faultsUnder(folder, ['--module', 'nodenext']),
      ...faultsUnder(folder, ['--module', 'node16']),
      ...faultsUnder(folder, ['--module', 'esnext', '--moduleResolution', 'bundler']),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeConsumers(folder, { name, exports }) {
  const typed = Object.entries(exports).filter(
    ([path, target]) => path !== '.' && Boolean(target.types ?? target.import?.types),
  )
  const importable = typed.map(([path]) => path.replace('.', name))
  const requirable = typed.filter(([, target]) => target.require).map(([path]) => path.replace('.', name))
  const imports = importable.map((path) => `import '${path}'\n`).join('')
  const requires = requirable
    .map((path, index) => `import path${index} = require('${path}')\nvoid path${index}\n`)
    .join('')
  // Else this repository's own package.json would be the nearest, and its name would mean itself.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  writeFileSync(join(folder, 'consumer.mts'), `import * as main from '${name}'\n${imports}${use}`)
  writeFileSync(join(folder, 'consumer.cts'), `import main = require('${name}')\n${requires}${use}`)
}

/** Under a bundler's resolution there is no CommonJS by `require`. */
function faultsUnder(folder, flags) {
  const sources = flags.includes('bundler') ? ['consumer.mts'] : ['consumer.mts', 'consumer.cts']
  const parameters = [
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--types',
    'node',
    '--ignoreConfig',
    ...flags,
    ...sources,
  ]
  const { stdout } = spawnSync(process.execPath, [compiler, ...parameters], { cwd: folder, encoding: 'utf8' })
  const own = stdout.split('\n').filter((line) => /^(error|consumer|node_modules\/s3kms-emu\/)/.test(line))
  return own.map((line) => `types, ${flags.at(-1)}: ${line}`)
}
