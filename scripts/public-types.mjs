// Declarations of an entry as one file: what it exports and what that names, nothing else of the program's types.
//
//   compiler's declarations       a.d.ts ── imports ──▶ b.d.ts, c.d.ts …
//   from the exports on           statements, and what their identifiers name, file by file
//   one file                      those statements, renamed where two have one name; imports of packages in front
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from '@babel/parser'

/**
 * @param entry path of the entry's declarations, `.d.ts`
 * @param others by the path of an entry's declarations, the module that takes their place
 * @returns the text of the one file
 * @throws Error where a declaration has a form that is not known here
 */
export function publicTypes(entry, others) {
  const modules = new Map()
  const taken = new Map()
  const kept = []
  const packages = new Set()
  const exported = []

  for (const [name, declaration] of exportsOf(moduleAt(entry))) {
    const given = take(declaration)
    exported.push(given === name ? name : `${given} as ${name}`)
  }
  for (const statement of moduleAt(entry).ambient) kept.push(textOf(moduleAt(entry), statement))
  const lines = [...packages, ...kept, `export { ${exported.sort().join(', ')} }`]
  return `${lines.join('\n\n')}\n`

  function moduleAt(path) {
    const known = modules.get(path)
    if (known) return known
    const module = readModule(path)
    modules.set(path, module)
    return module
  }

  /** Every exported name with its declaration. */
  function exportsOf(module) {
    const names = new Map()
    for (const [name, local] of module.exports) names.set(name, find(module, local))
    for (const [name, { from, imported }] of module.exportsFrom) names.set(name, findExport(module, from, imported))
    for (const from of module.exportsAll) {
      for (const [name, declaration] of exportsOf(moduleAt(from))) if (!names.has(name)) names.set(name, declaration)
    }
    return names
  }

  function find(module, name) {
    if (module.declarations.has(name)) return { module, name }
    const imported = module.imports.get(name)
    return imported && findExport(module, imported.from, imported.imported)
  }

  function findExport(module, from, imported) {
    if (others.has(from)) return { outside: others.get(from), name: imported }
    if (!from.endsWith('.d.ts')) return { outside: from, name: imported }
    const declaration = exportsOf(moduleAt(from)).get(imported)
    if (!declaration) throw new Error(`${module.path} imports ${imported}, which ${from} does not export`)
    return declaration
  }

  /** Keeps a declaration, once. @returns the name that it has in the one file */
  function take({ module, name, outside }) {
    const key = `${outside ?? module.path} ${name}`
    const known = taken.get(key)
    if (known !== undefined) return known
    const given = freeName(name)
    taken.set(key, given)
    if (outside !== undefined) {
      packages.add(importLine(outside, name, given))
      return given
    }
    // Overloads and an interface beside a constant of its name are one declaration.
    for (const statement of module.declarations.get(name)) kept.push(textOf(module, statement))
    return given
  }

  function freeName(name) {
    const names = new Set(taken.values())
    let free = name
    for (let count = 2; names.has(free); count++) free = `${name}${count}`
    return free
  }

  /** A statement without `export`, in the names of the one file. */
  function textOf(module, { start, end, names }) {
    let [text, at] = ['', start]
    for (const { node, name, from } of names) {
      const declaration = from === undefined ? find(module, name) : findExport(module, from, name)
      if (!declaration) continue
      text += module.text.slice(at, node.start) + take(declaration)
      at = node.end
    }
    return (text + module.text.slice(at, end)).replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export (?:default )?/, '$1')
  }
}

function importLine(from, imported, given) {
  if (imported === '*') return `import * as ${given} from '${from}'`
  if (imported === 'default') return `import ${given} from '${from}'`
  return `import { ${imported === given ? given : `${imported} as ${given}`} } from '${from}'`
}

function readModule(path) {
  const text = readFileSync(path, 'utf8')
  const { program } = parse(text, { sourceType: 'module', plugins: [['typescript', { dts: true }]] })
  const module = { path, text, declarations: new Map(), imports: new Map(), ambient: [] }
  Object.assign(module, { exports: new Map(), exportsFrom: new Map(), exportsAll: [] })
  const resolve = (from) => (from.startsWith('.') ? join(dirname(path), from.replace(/\.ts$/, '.d.ts')) : from)
  for (const node of program.body) readStatement(module, node, resolve)
  return module
}

function readStatement(module, node, resolve) {
  if (node.type === 'ImportDeclaration') {
    for (const { local, imported, type } of node.specifiers) {
      const name = type === 'ImportNamespaceSpecifier' ? '*' : (imported?.name ?? 'default')
      module.imports.set(local.name, { from: resolve(node.source.value), imported: name })
    }
    return
  }
  if (node.type === 'ExportAllDeclaration') return void module.exportsAll.push(resolve(node.source.value))
  if (node.type === 'ExportNamedDeclaration' && !node.declaration) return readSpecifiers(module, node, resolve)
  const declaration = node.declaration ?? node
  const statement = statementOf(node, resolve)
  const names = namesOf(declaration)
  if (names.length === 0) return void module.ambient.push(statement)
  for (const name of names) {
    module.declarations.set(name, [...(module.declarations.get(name) ?? []), statement])
    if (node.type === 'ExportNamedDeclaration') module.exports.set(name, name)
  }
}

function readSpecifiers(module, { specifiers, source }, resolve) {
  for (const { local, exported } of specifiers) {
    if (source) module.exportsFrom.set(exported.name, { from: resolve(source.value), imported: local.name })
    else module.exports.set(exported.name, local.name)
  }
}

/** What a declaration names; nothing for `declare module` and `declare global`, which add to what others declare. */
function namesOf(declaration) {
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.map(({ id }) => id.name)
  if (declaration.type === 'TSModuleDeclaration') return []
  if (!declaration.id) throw new Error(`No way is known to ship a ${declaration.type}`)
  return [declaration.id.name]
}

/** Where a statement stands, its docstring included, and the identifiers in it that may name declarations. */
function statementOf(node, resolve) {
  const doc = node.leadingComments?.findLast(({ type, value }) => type === 'CommentBlock' && value.startsWith('*'))
  const names = []
  collectNames(node, names, resolve)
  names.sort((a, b) => a.node.start - b.node.start)
  return { start: doc?.start ?? node.start, end: node.end, names }
}

/** Members of types are names too, but name no declaration. */
const members = new Set(['TSPropertySignature', 'TSMethodSignature', 'ClassProperty', 'TSDeclareMethod', 'ClassMethod'])

function collectNames(node, names, resolve) {
  if (node.type === 'TSImportType' && node.qualifier?.type === 'Identifier') {
    const from = resolve((node.argument.literal ?? node.argument).value)
    names.push({ node: { start: node.start, end: node.qualifier.end }, name: node.qualifier.name, from })
    if (node.typeParameters) collectNames(node.typeParameters, names, resolve)
    return
  }
  if (node.type === 'Identifier') {
    // A parameter's own name names nothing; its identifier carries its type.
    if (node.typeAnnotation) collectNames(node.typeAnnotation, names, resolve)
    else names.push({ node, name: node.name })
    return
  }
  for (const [key, child] of Object.entries(node)) {
    if (key === 'leadingComments' || key === 'trailingComments' || key === 'innerComments' || key === 'loc') continue
    if (key === 'key' && members.has(node.type) && !node.computed) continue
    if (key === 'right' && node.type === 'TSQualifiedName') continue
    for (const each of Array.isArray(child) ? child : [child]) {
      if (typeof each?.type === 'string') collectNames(each, names, resolve)
    }
  }
}
