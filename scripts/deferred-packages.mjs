// An esbuild plugin: packages that few runs need stay text in the bundle, compressed, until they are asked for.
//
//   bundle   … own code …  │ "yaml, as brotli in base64" │ "selfsigned, as …" │ …
//   start    parsed           scanned past, which takes a fraction of parsing it
//   use                       unpacked in a ms or two, compiled and run, once
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from './recorded-build.mjs'

/** Each is bundled by itself, so none may share classes with another or with the program. */
const packages = [
  '@fastify/busboy',
  '@hono/node-server',
  'cli-progress',
  'hash-wasm',
  'hono',
  'memory-level',
  'selfsigned',
  'yaml',
]

/**
 * @param options esbuild's, as of the bundle that they are for
 * @returns the plugin
 */
export function deferredPackages(options) {
  const names = packages.map((name) => name.replace('/', '\\/')).join('|')
  return {
    name: 'deferred-packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({ path, namespace: 'deferred' }))
      onLoad({ filter: /.*/, namespace: 'deferred' }, async ({ path }) => ({
        contents: deferred(path, await bundled(path, options)),
        loader: 'js',
      }))
    },
  }
}

/** Of a package in ES modules what is not imported stays behind: four fifths of hash-wasm. */
async function bundled(name, options) {
  const contents = `export { ${namesImported(name, options.absWorkingDir).join(', ')} } from '${name}'`
  const { outputFiles } = await build({
    ...options,
    stdin: { contents, resolveDir: options.absWorkingDir },
    bundle: true,
    // Nobody reads the variables of others here; what errors and classes are called stays.
    minifyIdentifiers: true,
    keepNames: true,
    // ES modules where a package has them: of others nothing stays behind.
    mainFields: ['module', 'main'],
    write: false,
  })
  return outputFiles[0].text
}

/**
 * What the program's sources import of a package, by name.
 * @throws Error where one imports it otherwise
 */
function namesImported(name, root) {
  const folders = ['src', 'bin'].map((folder) => join(root, folder))
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  const sources = files.filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
  const list = new RegExp(`\\{([^{}]*)\\}(?: from | = await import\\()'${name}'`, 'g')
  const names = sources.flatMap((file) => {
    const text = readFileSync(file, 'utf8').replace(/^import type .*/gm, '')
    const lists = [...text.matchAll(list)]
    const places = text.match(new RegExp(`(?: from |import\\()'${name}'`, 'g')) ?? []
    if (places.length !== lists.length) throw new Error(`${file} imports ${name} in a form that is not known here`)
    return lists.flatMap(([, words]) => words.split(','))
  })
  const values = names.map((one) => one.trim()).filter((one) => one !== '' && !one.startsWith('type '))
  return [...new Set(values.map((one) => one.split(/ as |:/)[0].trim()))].sort()
}

/** What the package is at its first use. Its name in a stack is the package's. */
function deferred(name, text) {
  const packed = brotliCompressSync(`(function (module, exports, require) {${text}\n})`).toString('base64')
  return `
const { Script } = require('node:vm')
const { brotliDecompressSync } = require('node:zlib')
const text = brotliDecompressSync(Buffer.from(${JSON.stringify(packed)}, 'base64')).toString()
new Script(text, { filename: ${JSON.stringify(name)} }).runInThisContext()(module, exports, require)
`
}
