// Makes the console's page: src/console/app/ as one HTML file, its script and its style inside, for a bundle to carry.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './recorded-build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const app = join(root, 'src/console/app')

/** @returns the page's HTML */
export async function consolePage() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(app, 'main.tsx'), join(app, 'style.css')],
    outdir: '/',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: ['chrome109', 'firefox115', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
  })
  const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim()
  // In a script, only its own end tag could end it early.
  const script = textOf('.js').replaceAll('</script', '<\\/script')
  const page = readFileSync(join(app, 'page.html'), 'utf8').trim()
  return page
    .replace('<style></style>', () => `<style>${textOf('.css')}</style>`)
    .replace('<script></script>', () => `<script>${script}</script>`)
}

/** An esbuild plugin: the page in the place of src/console/built-page.ts. */
export const builtConsolePage = {
  name: 'console-page',
  setup({ onLoad }) {
    onLoad({ filter: /console[\\/]built-page\.ts$/ }, async () => ({
      contents: `export const builtPage = ${JSON.stringify(await consolePage())}`,
      loader: 'js',
    }))
  },
}
