const { transformSync } = require('esbuild')

/** Jest's transform by esbuild: TypeScript in, ESM out, with an inline source map. */
module.exports = {
  process(source, path) {
    const { code } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcefile: path,
      sourcemap: 'inline',
    })
    return { code }
  },
}
