import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { version } from '../src/version.ts'

/* The rules of ARCHITECTURE.md that a reader of the sources can check. Each test names one. */

const root = fileURLToPath(new URL('..', import.meta.url))

interface Source {
  path: string
  text: string
  imports: string[]
}

const sources = [...sourcesIn('src'), ...sourcesIn('bin')]
/** What is shipped: tests and what only they use stand beside it. */
const program = sources.filter(({ path }) => !/\.(test|fixture)\.ts$/.test(path))

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => {
      const path = `${folder}/${name.split(sep).join('/')}`
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, imports: importsOf(path, text) }
    })
}

/** Modules a source names: paths from the root for our own, names for libraries. */
function importsOf(path: string, text: string): string[] {
  const named = text.matchAll(/(?:^(?:import|export)\b[^;'"]*?from\s+|^import\s+|\bimport\()'([^']+)'/gm)
  return [...named].map(([, name = '']) =>
    name.startsWith('.')
      ? normalize(join(dirname(path), name))
          .split(sep)
          .join('/')
      : name,
  )
}

/** From the lowest. A folder may import from lower layers, and from itself. */
const layers: string[][] = [
  ['calendar'],
  ['aws', 'crypto', 'ambient', 'event-loop', 'fault-source', 'log', 'option-checks', 'turns', 'version'],
  ['store'],
  ['protocol', 'options', 'root-key'],
  ['trail', 'server'],
  ['access'],
  ['identity'],
  ['iam', 'sts'],
  ['kms'],
  ['s3'],
  ['cloudtrail'],
  ['fixtures', 'chores', 'migrations', 'hooks'],
  ['services'],
  ['lab'],
  ['control'],
  ['console'],
  ['emulator'],
  ['index'],
  ['cli'],
  ['testing'],
  ['bin'],
]

/** The layers inside a service: its folders, and the files at its top, named without their ending. */
const innerLayers: Record<string, string[][]> = {
  iam: [
    ['errors', 'shapes', 'operation'],
    ['pages', 'condition-keys', 'documents'],
    ['entities'],
    ['simulation', 'record-checks'],
    ['operations'],
    ['service'],
    ['endpoint'],
  ],
  cloudtrail: [
    ['errors', 'shapes'],
    ['selectors'],
    ['records'],
    ['operation', 'file-headers', 'file-names'],
    ['checks', 'signing-key'],
    ['record-checks'],
    ['operations', 'delivery'],
    ['service'],
    ['cloudtrail'],
    ['trails'],
  ],
  sts: [['errors', 'operation'], ['condition-keys', 'session'], ['operations'], ['service'], ['endpoint']],
  kms: [
    ['client', 'call-context', 'shapes', 'key-state'],
    ['errors'],
    ['pages', 'keys'],
    ['material', 'grants'],
    ['access', 'record-checks'],
    ['operation'],
    ['calls', 'chores', 'cryptography'],
    ['operations'],
    ['service'],
    ['kms'],
  ],
  console: [
    ['answers', 'built-page', 'console-user', 'guard', 'page', 'services'],
    ['api', 's3-calls', 'app'],
    ['routes'],
    ['listener'],
    ['console'],
  ],
  s3: [
    ['errors', 'names', 'dates', 'regions', 'settings'],
    ['address', 'sse'],
    ['records'],
    ['notifications', 'replication'],
    ['operation'],
    ['needs', 'access-denied'],
    ['lifecycle'],
    ['objects'],
    ['documents', 'bucket-policy'],
    ['configurations'],
    ['access', 'record-checks'],
    ['access-logs', 'inventories', 'replicas'],
    ['operations'],
    ['http'],
    ['website', 'control'],
    ['s3'],
  ],
}

function unitOf(path: string): string {
  const [top = '', name = ''] = path.split('/')
  if (top === 'bin') return 'bin'
  return name.replace(/(\.test)?\.ts$/, '')
}

function layerOf(path: string): number {
  return layers.findIndex((services) => services.includes(unitOf(path)))
}

function offences(of: (source: Source) => string[]): string[] {
  return program.flatMap((source) => of(source).map((offence) => `${source.path}: ${offence}`))
}

test('Every file belongs to a layer', () => {
  expect(sources.filter(({ path }) => layerOf(path) < 0).map(({ path }) => path)).toEqual([])
})

test('ARCHITECTURE.md names every folder', () => {
  const document = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const folders = (parent: string) =>
    readdirSync(join(root, parent), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const inSrc = folders('src').map(({ name }) => `src/${name}/`)
  const inServices = ['src/s3', 'src/kms'].flatMap(folders).map(({ name }) => `${name}/`)
  expect([...inSrc, ...inServices].filter((name) => !document.includes(`\`${name}`))).toEqual([])
})

test('An import goes down, never up, and never to another folder of the same layer', () => {
  const wrong = offences(({ path, imports }) =>
    imports.filter((name) => /^(src|bin)\//.test(name) && !isDownwards(path, name)),
  )
  expect(wrong).toEqual([])
})

function isDownwards(path: string, imported: string): boolean {
  if (unitOf(path) === unitOf(imported)) return true
  return layerOf(imported) < layerOf(path)
}

test.each(Object.entries(innerLayers))('Inside %s an import goes down too', (service, inner) => {
  const within = `src/${service}/`
  const folderOf = (path: string) => (path.slice(within.length).split('/')[0] ?? '').replace(/\.ts$/, '')
  const innerLayerOf = (path: string) => inner.findIndex((folders) => folders.includes(folderOf(path)))
  const ofService = program.filter(({ path }) => path.startsWith(within))
  const wrong = ofService.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith(within) && folderOf(name) !== folderOf(path))
      .filter((name) => innerLayerOf(name) >= innerLayerOf(path))
      .map((name) => `${path}: ${name}`),
  )
  expect(ofService.filter(({ path }) => innerLayerOf(path) < 0).map(({ path }) => path)).toEqual([])
  expect(wrong).toEqual([])
})

test('No two files import each other, nor a ring of files', () => {
  const graph = new Map(program.map(({ path, text }) => [path, importsOf(path, withoutTypeImports(text))]))
  const rings: string[] = []
  const visit = (path: string, trail: string[]) => {
    const index = trail.indexOf(path)
    if (index >= 0) rings.push([...trail.slice(index), path].join(' → '))
    if (index >= 0 || visited.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    visited.add(path)
  }
  const visited = new Set<string>()
  for (const path of graph.keys()) visit(path, [])
  expect(rings).toEqual([])
})

function withoutTypeImports(text: string): string {
  return text.replace(/^(import|export) type [^;'"]*?from\s+'[^']+'/gm, '')
}

test('One library is imported in one place', () => {
  const places: Record<string, RegExp> = {
    level: /^src\/store\/level\.ts$/,
    'memory-level': /^src\/store\/level\.ts$/,
    commander: /^src\/cli\//,
    hono: /^src\/(control|console)\//,
    '@hono/node-server': /^src\/(control|console)\//,
    preact: /^src\/console\/app\//,
    yaml: /^src\/fixtures\//,
    selfsigned: /^src\/server\/certificate\.ts$/,
    '@fastify/busboy': /^src\/s3\//,
    'cli-progress': /^src\/cli\/progress-bar\.ts$/,
    'hash-wasm': /^src\/crypto\/xxhash/,
  }
  const wrong = offences(({ path, imports }) => imports.filter((name) => name in places && !places[name]?.test(path)))
  expect(wrong).toEqual([])
})

test('Time and chance come from ambient.ts alone', () => {
  const chance = "import \\{[^}]*\\brandom(Bytes|UUID|Int|FillSync)\\b[^}]*\\} from 'node:crypto'"
  const forbidden = new RegExp(`Date\\.now\\(|new Date\\(\\)|Math\\.random\\(|performance\\.now|${chance}`, 'g')
  // The page has the browser's clock, and a seed must not make its token one that can be guessed.
  const hasItsOwn = /^src\/(ambient\.ts|console\/(console\.ts|app\/))/
  const wrong = offences(({ path, text }) =>
    hasItsOwn.test(path) ? [] : (withoutComments(text).match(forbidden) ?? []),
  )
  expect(wrong).toEqual([])
})

test('Folders are made by store/make-folder.ts: Node’s own way to make those on the way may never end', () => {
  const recursive = /\bmkdir(?:Sync)?\(.*\brecursive\b/
  expect(program.filter(({ text }) => recursive.test(withoutComments(text))).map(({ path }) => path)).toEqual([])
})

test('No test has a limit of its own: a busy machine may take its time', () => {
  const tests = [...sources, ...sourcesIn('test')].filter(({ path }) => path.endsWith('.test.ts'))
  const limit = /jest\.setTimeout|^\}, [\d_* ]+\)$|^ {2}[\d_* ]+,\n\)$/m
  expect(tests.filter(({ text }) => limit.test(text)).map(({ path }) => path)).toEqual([])
})

test('No module holds state: nothing that changes is made at import', () => {
  const mutable =
    /^(?:export )?(?:let|var) .*|^(?:export )?const \w+(?:: (?!Readonly)[^=]+)? = (?:new (?:Map|WeakMap|WeakSet)\b|\[\]|\{\}).*/gm
  // A page in a browser is one, and is gone when it is left.
  const wrong = offences(({ path, text }) =>
    path.startsWith('src/console/app/') ? [] : (withoutComments(text).match(mutable) ?? []),
  ).filter((line) => !isFilledTable(line) && !isLateConstant(line))
  expect(wrong).toEqual([])
})

/** A map made from its whole content is a table, and stays as it is. */
function isFilledTable(line: string): boolean {
  return /new Map(<[^>]*>)?\((?!\))/.test(line)
}

/**
 * A lookup table computed at first use (start-up need not wait for it) is a constant all the same, and so is a function compiled
 * then, whose memory holds nothing between two calls.
 */
function isLateConstant(line: string): boolean {
  return /: let (tables: .*|engine: Engine) \| undefined$/.test(line)
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}

test('The console’s page gets nothing of the server but the types of its answers', () => {
  const ofPage = program.filter(({ path }) => path.startsWith('src/console/app/'))
  const wrong = ofPage.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.includes('/') && !name.startsWith('src/console/app/'))
      .filter((name) => name !== 'src/console/answers.ts' && !name.startsWith('preact/'))
      .map((name) => `${path}: ${name}`),
  )
  expect(ofPage.length).toBeGreaterThan(20)
  expect(wrong).toEqual([])
})

test('No file is longer than 400 lines', () => {
  const all = [...sources, ...sourcesIn('test')]
  expect(all.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path)).toEqual([])
})

test('S3 reaches KMS through its client alone, and KMS handlers are reached through the service alone', () => {
  const wrong = offences(({ path, imports }) => {
    if (path.startsWith('src/s3/'))
      return imports.filter((name) => name.startsWith('src/kms/') && name !== 'src/kms/client.ts')
    if (path.startsWith('src/kms/')) {
      const isInside = path.startsWith('src/kms/operations/') || path === 'src/kms/service.ts'
      return isInside ? [] : imports.filter((name) => name.startsWith('src/kms/operations/'))
    }
    return imports.filter((name) => name.startsWith('src/kms/operations/'))
  })
  expect(wrong).toEqual([])
})

test('No S3 operation imports another: what they share lies below them', () => {
  const isOperation = (path: string) => /^src\/s3\/operations\/\w+\//.test(path)
  expect(offences(({ path, imports }) => (isOperation(path) ? imports.filter(isOperation) : []))).toEqual([])
})

test('The version is that of package.json', () => {
  const { version: packaged } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(version).toBe(packaged)
  expect(readFileSync(join(root, 'python/pyproject.toml'), 'utf8')).toContain(`version = "${packaged}"`)
})
