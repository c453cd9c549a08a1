// Builds dist/: each entry of the package as a CommonJS file with its face for ES modules and its types, the command line in
// the first of them, what starts it where it is installed, LevelDB's prebuilt binaries beside them. CommonJS because
// an ESM bundle fails at `Dynamic require of node:events`.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtConsolePage } from './console-page.mjs'
import { deferredPackages } from './deferred-packages.mjs'
import { entries } from './entries.mjs'
import { noticeOf } from './notice.mjs'
import { publicTypes } from './public-types.mjs'
import { build, recordedInputs } from './recorded-build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const require = createRequire(import.meta.url)
const classicLevel = dirname(require.resolve('classic-level/package.json'))
const [main, ...others] = entries

rmSync(join(dist, 'types'), { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
const common = {
  absWorkingDir: root,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Names are kept and lines stay short: an uncaught error prints its source line. Without white space a fifth is saved.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  legalComments: 'none',
  // Of its modules for browsers only what is imported comes along: a fifth of the one for Node.js.
  alias: { 'hash-wasm': 'hash-wasm/dist/index.esm.js' },
}
await build({
  ...common,
  entryPoints: [main.program],
  outfile: join(dist, `${main.name}.cjs`),
  bundle: true,
  define: {
    'import.meta.main': 'isProgram',
    'import.meta.dirname': '__dirname',
    'import.meta.executable': 'executable',
  },
  banner: { js: readFileSync(join(root, 'scripts/bundle-banner.cjs'), 'utf8') },
  plugins: [{ name: 'leveldb-binding', setup: replaceBinding }, builtConsolePage, deferredPackages(common)],
})
chmodSync(join(dist, `${main.name}.cjs`), 0o755)
cpSync(join(root, 'scripts/program.cjs'), join(dist, 'program.cjs'))
for (const entry of others) for (const format of formatsOf(entry)) await buildBeside(entry, format)
for (const entry of entries.filter(({ only }) => only === undefined)) await writeFace(entry)
copyPrebuilds()
writeFileSync(join(dist, 'NOTICE'), noticeOf(root, recordedInputs()))
if (!process.argv.includes('--no-types')) writeTypes()

/** classic-level looks for its addon beside its own package, which a bundle has left behind: this is the bundle's way. */
function replaceBinding({ onLoad }) {
  onLoad({ filter: /classic-level[\\/]binding\.js$/ }, () => ({
    contents: readFileSync(join(root, 'scripts/leveldb-binding.cjs'), 'utf8'),
    loader: 'js',
    resolveDir: root,
  }))
}

function formatsOf({ only }) {
  return only === undefined ? ['cjs'] : [only]
}

/** An entry that finds the emulator in the main entry's file, what another entry gives out in that one's, and what it belongs to where it is installed. */
async function buildBeside({ name, source }, format) {
  const others = { name: 'other-entries', setup: (plugin) => leaveOutOthers(plugin, format) }
  await build({
    ...common,
    entryPoints: [source],
    outfile: join(dist, `${name}.${format}`),
    bundle: true,
    format: format === 'mjs' ? 'esm' : 'cjs',
    define: format === 'mjs' ? {} : { 'import.meta.dirname': '__dirname' },
    packages: 'external',
    plugins: [others],
  })
}

function leaveOutOthers({ onResolve }, format) {
  onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
    if (kind === 'entry-point') return undefined
    const imported = relative(root, join(resolveDir, path)).split(sep).join('/')
    const other = entries.find(({ source }) => source === imported)
    return other && { path: `./${other.name}.${format}`, external: true }
  })
}

/** For ES modules: the same module under the names that it exports, so that both kinds of programs share one. */
async function writeFace({ name, source }) {
  const { metafile } = await build({
    ...common,
    entryPoints: [source],
    bundle: true,
    format: 'esm',
    packages: 'external',
    write: false,
    outdir: dist,
    plugins: [{ name: 'not-at-once', setup: leaveOutDynamic }],
  })
  const names = Object.values(metafile.outputs).flatMap((output) => output.exports)
  writeFileSync(join(dist, `${name}.mjs`), `export { ${names.join(', ')} } from './${name}.cjs'\n`)
}

function leaveOutDynamic({ onResolve }) {
  onResolve({ filter: /.*/ }, ({ path, kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined))
}

/** The platforms a laptop, a server or a CI machine has. */
function copyPrebuilds() {
  const wanted = new Set(['linux-x64', 'linux-arm64', 'darwin-x64+arm64', 'win32-x64'])
  for (const platform of readdirSync(join(classicLevel, 'prebuilds'))) {
    if (!wanted.has(platform)) continue
    cpSync(join(classicLevel, 'prebuilds', platform), join(dist, 'prebuilds', platform), { recursive: true })
  }
}

/** One file of declarations for each kind of module: what is public, and nothing else. */
function writeTypes() {
  const folder = mkdtempSync(join(dist, 'declarations-'))
  try {
    const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
    const parameters = [compiler, '--project', 'scripts/tsconfig.types.json', '--outDir', folder]
    execFileSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' })
    const declarationsOf = (source) => join(folder, relative('src', source).replace(/\.ts$/, '.d.ts'))
    for (const { name, source, only } of entries.filter(({ inner }) => !inner)) {
      for (const format of only === undefined ? ['cjs', 'mjs'] : [only]) {
        const others = entries.filter((other) => other.source !== source)
        const outside = others.map((other) => [declarationsOf(other.source), `./${other.name}.${format}`])
        const text = publicTypes(declarationsOf(source), new Map(outside))
        writeFileSync(join(dist, `${name}.d.${format.replace('js', 'ts')}`), text)
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
