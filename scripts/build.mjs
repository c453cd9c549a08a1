// Builds dist/: one CommonJS file (command line and library), LevelDB's prebuilt binaries beside it, the types.
// CommonJS because an ESM bundle fails at `Dynamic require of node:events`.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { deferredPackages } from './deferred-packages.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const require = createRequire(import.meta.url)
const classicLevel = dirname(require.resolve('classic-level/package.json'))

rmSync(join(dist, 'types'), { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
const common = {
  absWorkingDir: root,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Names are kept and lines stay short: an uncaught error prints its source line.
  minifySyntax: true,
  legalComments: 'none',
  // Of its modules for browsers only what is imported comes along: a fifth of the one for Node.js.
  alias: { 'hash-wasm': 'hash-wasm/dist/index.esm.js' },
}
await build({
  ...common,
  entryPoints: ['bin/s3kms-emu.ts'],
  outfile: join(dist, 's3kms-emu.cjs'),
  bundle: true,
  define: { 'import.meta.main': 'isProgram' },
  banner: { js: readFileSync(join(root, 'scripts/bundle-banner.cjs'), 'utf8') },
  plugins: [{ name: 'leveldb-binding', setup: replaceBinding }, deferredPackages(common)],
})
chmodSync(join(dist, 's3kms-emu.cjs'), 0o755)
copyPrebuilds()
if (!process.argv.includes('--no-types')) writeTypes()

/** classic-level looks for its addon beside its own package, which a bundle has left behind: this is the bundle's way. */
function replaceBinding({ onLoad }) {
  onLoad({ filter: /classic-level[\\/]binding\.js$/ }, () => ({
    contents: readFileSync(join(root, 'scripts/leveldb-binding.cjs'), 'utf8'),
    loader: 'js',
    resolveDir: root,
  }))
}

/** The platforms a laptop, a server or a CI machine has. */
function copyPrebuilds() {
  const wanted = new Set(['linux-x64', 'linux-arm64', 'darwin-x64+arm64', 'win32-x64'])
  for (const platform of readdirSync(join(classicLevel, 'prebuilds'))) {
    if (!wanted.has(platform)) continue
    cpSync(join(classicLevel, 'prebuilds', platform), join(dist, 'prebuilds', platform), { recursive: true })
  }
}

function writeTypes() {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  const parameters = [compiler, '--project', 'scripts/tsconfig.types.json']
  execFileSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' })
  cpSync(join(root, 'scripts/index.d.cts'), join(dist, 'types/index.d.cts'))
}
