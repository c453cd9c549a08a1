import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { cloudTrailOperations } from '../src/cloudtrail/operations/index.ts'
import { iamOperations } from '../src/iam/operations/index.ts'
import { modelOperations } from '../src/iam/operations/model-operations.ts'
import { kmsOperations, supportedOperations } from '../src/kms/operations/index.ts'
import { type Members, type Shape, shapeOf } from '../src/protocol/shapes.ts'
import { demandsOf } from '../src/s3/http/router.ts'
import { operations } from '../src/s3/operations/index.ts'
import { notImplemented } from '../src/s3/operations/not-implemented.ts'
import { absentOperations, stsOperations } from '../src/sts/operations/index.ts'
import { LookupEventsInput } from '../src/trail/lookup-events.ts'
import { absentOperations as absentFromCloudTrail, trailOperations } from '../src/trail/operations.ts'
import { version } from '../src/version.ts'

/* The rules of ARCHITECTURE.md that a reader of the sources can check. Each test names one. */

const root = fileURLToPath(new URL('..', import.meta.url))

interface Source {
  path: string
  text: string
  imports: string[]
}

const s3Operations = [...operations, ...notImplemented]
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
    ['simulation'],
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
    ['access'],
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
    ['access'],
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
  expect(sources.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path)).toEqual([])
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

test('No two S3 routes tie', () => {
  const demands = s3Operations.map((operation) => demandsOf(operation))
  expect(demands.filter((demand, index) => demands.indexOf(demand) !== index)).toEqual([])
})

test('Every KMS operation states what the trail shows of it, and no secret is on its lists', () => {
  const secrets = new Set([
    'Plaintext',
    'CiphertextBlob',
    'Message',
    'GrantTokens',
    'EncryptedKeyMaterial',
    'PrivateKeyPlaintext',
  ])
  for (const { name, audit } of kmsOperations.values()) {
    const shown = [...audit.request, ...(audit.response ?? [])]
    expect({ name, secrets: shown.filter((member) => secrets.has(member)) }).toEqual({ name, secrets: [] })
  }
})

test('The KMS table names operations that AWS has, and has every one of them', () => {
  const known = Object.keys(factsOf('kms'))
  expect(known.filter((name) => !kmsOperations.has(name))).toEqual([])
})

test.each(supportedOperations.map((operation) => [operation.name, operation] as const))(
  'The input of %s has the members and constraints of AWS’s model',
  (name, operation) => {
    expect(differences(operation.input, factsOf('kms')[name])).toEqual([])
  },
)

test.each([...cloudTrailOperations.values()].map((operation) => [operation.name, operation] as const))(
  'The input of %s of CloudTrail has the members and constraints of AWS’s model',
  (name, operation) => {
    expect(differences(operation.input, factsOf('cloudtrail')[name])).toEqual([])
  },
)

test('The operations on trails are those that the endpoint lets through, and with the absent ones they are AWS’s', () => {
  expect([...cloudTrailOperations.keys()].sort()).toEqual([...trailOperations].sort())
  const all = ['LookupEvents', ...trailOperations, ...absentFromCloudTrail]
  expect(all.sort()).toEqual(Object.keys(factsOf('cloudtrail')))
})

test('The input of LookupEvents has the members of AWS’s model', () => {
  // Bounds of MaxResults have an error of their own, so the shape leaves them out.
  const found = differences(LookupEventsInput, factsOf('cloudtrail').LookupEvents)
  expect(found.filter((difference) => !difference.startsWith('MaxResults'))).toEqual([])
})

test('The operations of IAM are AWS’s, and what is not here is known by name', () => {
  expect(modelOperations).toEqual(Object.keys(factsOf('iam')))
  expect([...iamOperations.keys()].filter((name) => !modelOperations.includes(name))).toEqual([])
})

test.each([...iamOperations.values()].map((operation) => [operation.name, operation] as const))(
  'The input of IAM’s %s has the members and constraints of AWS’s model',
  (name, operation) => {
    expect(differences(operation.input, anchoredFacts(factsOf('iam')[name]))).toEqual([])
  },
)

/** IAM's model has patterns that match the whole without saying so: ours say it. */
function anchoredFacts(model: Record<string, Facts> = {}): Record<string, Facts> {
  const anchored = (pattern: string) => {
    if (pattern.startsWith('^')) return pattern
    return pattern.includes(')|(') ? `^(${pattern})$` : `^${pattern}$`
  }
  const rows = Object.entries(model).map(([name, facts]) => {
    return [name, facts.pattern === undefined ? facts : { ...facts, pattern: anchored(facts.pattern) }]
  })
  return Object.fromEntries(rows)
}

test('The operations of STS are AWS’s, and every other one of AWS’s is known to be absent', () => {
  expect([...stsOperations.keys(), ...absentOperations].sort()).toEqual(Object.keys(factsOf('sts')))
})

test.each([...stsOperations.values()].map((operation) => [operation.name, operation] as const))(
  'The input of %s of STS has the members and constraints of AWS’s model',
  (name, operation) => {
    // The documentation bounds an inline session policy, the model does not; the model's pattern of ARNs is no regular expression.
    const found = differences(operation.input, anchoredFacts(factsOf('sts')[name]))
    expect(found.filter((difference) => !/^(Policy|RoleArn):/.test(difference))).toEqual([])
  },
)

test('Every S3 operation of the table is AWS’s, and every one of AWS’s is in the table', () => {
  // Beyond the extract: what AWS's newer models (botocore 1.43) add, and POST Object, a form and in no model.
  const beyondModel = new Set([
    'CreateBucketMetadataConfiguration',
    'DeleteBucketMetadataConfiguration',
    'GetBucketAbac',
    'GetBucketMetadataConfiguration',
    'PostObject',
    'PutBucketAbac',
    'RenameObject',
    'UpdateBucketMetadataInventoryTableConfiguration',
    'UpdateBucketMetadataJournalTableConfiguration',
    'UpdateObjectEncryption',
  ])
  const known = new Set(Object.keys(factsOf('s3')))
  const named = s3Operations.map(({ name }) => name)
  expect(named.filter((name) => !known.has(name) && !beyondModel.has(name))).toEqual([])
  expect([...known].filter((name) => !named.includes(name))).toEqual([])
})

test('The version is that of package.json', () => {
  const { version: packaged } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(version).toBe(packaged)
  expect(readFileSync(join(root, 'python/pyproject.toml'), 'utf8')).toContain(`version = "${packaged}"`)
})

interface Facts {
  type: string
  required?: boolean
  min?: number
  max?: number
  pattern?: string
  values?: string[]
}

function factsOf(service: 'kms' | 'cloudtrail' | 's3' | 'iam' | 'sts'): Record<string, Record<string, Facts>> {
  return JSON.parse(readFileSync(join(root, `fixtures/aws/${service}.json`), 'utf8'))
}

/** Where our shape states something else than the model. Members of newer models, beyond the extract, are let be. */
function differences(shape: Shape<unknown>, model: Record<string, Facts> = {}): string[] {
  const members: Members = shape.description.members ?? {}
  return Object.entries(model).flatMap(([name, facts]) => {
    const member = members[name]
    if (member === undefined) return [`${name} is missing`]
    const { min, max, pattern } = shapeOf(member).description
    const isRequired = 'required' in member
    const own = { required: isRequired || undefined, min: min || undefined, max, pattern }
    const wanted = { required: facts.required, min: facts.min || undefined, max: facts.max, pattern: facts.pattern }
    return JSON.stringify(own) === JSON.stringify(wanted)
      ? []
      : [`${name}: ${JSON.stringify(own)}, the model has ${JSON.stringify(wanted)}`]
  })
}
