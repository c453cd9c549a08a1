// Extracts from AWS's models the few facts that test/operation-tables.test.ts holds our tables against: operation names, the input
// members of KMS, CloudTrail, IAM and STS with their constraints, S3 routes, the shapes of the XML documents that S3 takes.
//
//   KMS, CloudTrail, S3   Smithy models (github.com/aws/api-models-aws, Apache-2.0)
//   IAM, STS              botocore's data (github.com/boto/botocore, Apache-2.0)
//
// Usage: node scripts/extract-model-facts.mjs FOLDER-WITH-THE-MODELS [FOLDER-OF-BOTOCORE/data]
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const [, , folder, botocore] = process.argv
if (!folder)
  throw new Error('Usage: node scripts/extract-model-facts.mjs FOLDER-WITH-THE-MODELS [FOLDER-OF-BOTOCORE/data]')
const trait = (holder, name) => holder.traits?.[`smithy.api#${name}`]

write('kms', { operations: jsonOperations('kms-2014-11-01.json') })
write('cloudtrail', { operations: jsonOperations('cloudtrail-2013-11-01.json') })
write('s3', { operations: restOperations('s3-2006-03-01.json') })
write('s3-documents', { operations: documentShapes('s3-2006-03-01.json') })
if (botocore) {
  write('iam', { operations: queryOperations('iam/2010-05-08') })
  write('sts', { operations: queryOperations('sts/2011-06-15') })
}

function jsonOperations(file) {
  const { shapes } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  return fromOperations(shapes, (operation) => membersOf(shapes, operation.input.target))
}

function restOperations(file) {
  const { shapes } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  return fromOperations(shapes, (operation) => {
    const { method, uri } = trait(operation, 'http')
    const members = Object.values(shapes[operation.input.target]?.members ?? {})
    const demanded = members.filter((member) => trait(member, 'required') !== undefined)
    const query = demanded.map((member) => trait(member, 'httpQuery')).filter(Boolean)
    const headers = demanded.map((member) => trait(member, 'httpHeader')).filter(Boolean)
    return { method, uri, query, headers, optional: optionalOf(members) }
  })
}

/** What an operation may be sent beside what it demands. */
function optionalOf(members) {
  const optional = members.filter((member) => trait(member, 'required') === undefined)
  const query = optional.map((member) => trait(member, 'httpQuery')).filter(Boolean)
  const headers = optional.map((member) => trait(member, 'httpHeader')).filter(Boolean)
  return { query, headers }
}

function fromOperations(shapes, describe) {
  const operations = Object.entries(shapes).filter(([, shape]) => shape.type === 'operation')
  const named = operations.map(([id, operation]) => [id.split('#')[1], describe(operation)])
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Every shape that lies in a request's XML document, by name. */
function documentShapes(file) {
  const { shapes } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const operations = Object.values(shapes).filter(({ type }) => type === 'operation')
  const payloads = operations
    .flatMap(({ input }) => Object.values(shapes[input.target]?.members ?? {}))
    .filter((member) => trait(member, 'httpPayload') !== undefined && shapes[member.target]?.type === 'structure')
  const found = {}
  const visit = (id) => {
    const name = id.split('#')[1]
    if (found[name] !== undefined || id.startsWith('smithy.api#')) return
    const shape = shapes[id]
    found[name] = documentFacts(shape)
    for (const { target } of [...Object.values(shape.members ?? {}), ...(shape.member ? [shape.member] : [])])
      visit(target)
  }
  for (const { target } of payloads) visit(target)
  // A document whose root has another name than its shape is found by both.
  for (const payload of payloads) {
    const root = trait(payload, 'xmlName')
    if (root !== undefined) found[root] ??= found[nameOf(payload)]
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function documentFacts({ type, members = {}, member }) {
  if (type === 'enum') return { type, values: Object.values(members).map((value) => trait(value, 'enumValue')) }
  if (type === 'list') return { type, item: nameOf(member), element: trait(member, 'xmlName') ?? 'member' }
  // In XML a union is a structure: that it has one member alone is for S3 to say.
  if (type !== 'structure' && type !== 'union') return { type }
  const described = Object.entries(members).map(([name, inner]) => [
    name,
    {
      shape: nameOf(inner),
      element: trait(inner, 'xmlName'),
      flattened: trait(inner, 'xmlFlattened') !== undefined || undefined,
      required: trait(inner, 'required') !== undefined || undefined,
    },
  ])
  return { type: 'structure', members: Object.fromEntries(described) }
}

function nameOf({ target }) {
  return target.split('#')[1]
}

/** Members of a structure with the constraints that our shapes state too. */
function membersOf(shapes, id) {
  const members = Object.entries(shapes[id]?.members ?? {})
  return Object.fromEntries(members.map(([name, member]) => [name, constraintsOf(shapes, member)]))
}

function constraintsOf(shapes, member) {
  const target = shapes[member.target] ?? { type: member.target.split('#')[1].toLowerCase() }
  const bounds = trait(member, 'length') ?? trait(target, 'length') ?? trait(member, 'range') ?? trait(target, 'range')
  const values = Object.entries(target.type === 'enum' ? target.members : {})
  return {
    type: target.type,
    required: trait(member, 'required') !== undefined || undefined,
    ...bounds,
    pattern: trait(member, 'pattern') ?? trait(target, 'pattern'),
    values: values.length > 0 ? values.map(([name, value]) => trait(value, 'enumValue') ?? name) : undefined,
  }
}

/** Of a service that speaks the query protocol, as botocore describes it. */
function queryOperations(place) {
  const path = join(botocore, place, 'service-2.json')
  const text = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`))
  const { operations, shapes } = JSON.parse(text.toString('utf8'))
  const named = Object.entries(operations).map(([name, { input }]) => [
    name,
    queryMembers(shapes, shapes[input?.shape]),
  ])
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function queryMembers(shapes, { members = {}, required = [] } = {}) {
  const described = Object.entries(members).map(([name, { shape }]) => {
    const { type, min, max, pattern, enum: values } = shapes[shape]
    return [name, { type, required: required.includes(name) || undefined, min, max, pattern, values }]
  })
  return Object.fromEntries(described)
}

/** One operation a line keeps the files short and their differences readable. */
function write(service, { operations }) {
  const lines = Object.entries(operations).map(([name, facts]) => `${JSON.stringify(name)}: ${JSON.stringify(facts)}`)
  writeFileSync(new URL(`../fixtures/aws/${service}.json`, import.meta.url), `{\n${lines.join(',\n')}\n}\n`)
}
