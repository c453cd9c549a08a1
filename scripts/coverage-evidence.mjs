// What proves a row of COVERAGE.md: the facts of docs/evidence.md that an operation's file, or a file of its service that it imports,
// cites, each with its strongest source. Where none is cited: AWS's API reference and model, which its shapes are held against.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const id = '[a-z0-9]+(?:-[a-z0-9]+)+'
const citation = new RegExp(`evidence:[\\s*/]+(${id}(?:,[\\s*/]+${id})*)`, 'gi')
/** The stronger first, as docs/evidence.md has them. */
const tags = ['recorded', 'captured', 'model', 'docs', 'public reports', 'peer', 'assumed']
const sources = sourcesById()

/** @param folders where an operation's file may be @returns name of an operation → what proves its row */
export function evidenceIn(...folders) {
  const files = folders.flatMap(filesIn).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  const byOperation = new Map()
  for (const { path, text } of files) {
    const own = proofOf([path, ...importsOf(path, text)])
    // `name: 'GetObject'` of an operation, `get: { name: 'GetBucketCors'` of a configuration.
    for (const [, name] of text.matchAll(/\bname: '([A-Z][A-Za-z0-9]+)'/g)) byOperation.set(name, own)
  }
  return (name) => byOperation.get(name) ?? reference
}

const reference = 'API reference, model'

function proofOf(paths) {
  const cited = new Set(paths.flatMap((path) => citedIn(readFileSync(join(root, path), 'utf8'))))
  const byTag = new Map()
  for (const name of [...cited].sort()) {
    const tag = tags.find((known) => sources.get(name)?.includes(known))
    if (tag) byTag.set(tag, [...(byTag.get(tag) ?? []), name])
  }
  const parts = tags.flatMap((tag) => (byTag.has(tag) ? [`${tag}: ${shortened(byTag.get(tag))}`] : []))
  return parts.length > 0 ? `${reference}; ${parts.join('; ')}` : reference
}

function shortened(names) {
  const shown = names.slice(0, 4).map((name) => `\`${name}\``)
  return names.length > 4 ? `${shown.join(', ')} and ${names.length - 4} more` : shown.join(', ')
}

function citedIn(text) {
  return [...text.matchAll(citation)].flatMap(([, ids]) => ids.match(new RegExp(id, 'g')) ?? [])
}

function importsOf(path, text) {
  const service = path.split(sep).slice(0, 2).join(sep)
  return (
    [...text.matchAll(/from '(\.[^']+)'/g)]
      .map(([, name]) => normalize(join(dirname(path), name)))
      // What all of a service share says nothing of one of them.
      .filter((name) => !/(^|\/)(operation|errors|needs)\.ts$/.test(name))
      .filter((name) => name.startsWith(service) && existsSync(join(root, name)))
  )
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name))
    .map((name) => join(folder, name))
}

/** id → the text of its source */
function sourcesById() {
  const document = readFileSync(join(root, 'docs/evidence.md'), 'utf8')
  const rows = document.matchAll(new RegExp(`^\\| (${id}) \\|.*\\| ([^|]*) \\|$`, 'gm'))
  return new Map([...rows].map(([, name, source]) => [name, source]))
}
