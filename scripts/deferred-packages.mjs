// An esbuild plugin: packages that few runs need stay text in the bundle until they are asked for.
//
//   bundle   … own code …  │ "yaml as one text" │ "selfsigned as one text" │ …
//   start    parsed           scanned past, which takes a fraction of parsing it
//   use                       compiled and run, once
import { build } from './recorded-build.mjs'

/** Each is bundled by itself, so none may share classes with another or with the program. */
const packages = ['@fastify/busboy', '@hono/node-server', 'hash-wasm', 'hono', 'memory-level', 'selfsigned', 'yaml']

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

async function bundled(name, options) {
  const { outputFiles } = await build({
    ...options,
    stdin: { contents: `module.exports = require(${JSON.stringify(name)})`, resolveDir: options.absWorkingDir },
    bundle: true,
    write: false,
  })
  return outputFiles[0].text
}

/** What the package is at its first use. Its name in a stack is the package's. */
function deferred(name, text) {
  return `
const { Script } = require('node:vm')
const text = ${JSON.stringify(`(function (module, exports, require) {${text}\n})`)}
new Script(text, { filename: ${JSON.stringify(name)} }).runInThisContext()(module, exports, require)
`
}
