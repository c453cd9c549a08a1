import type { Address } from '../address.ts'
import { s3Errors } from '../errors.ts'
import type { Routed } from '../operation.ts'

/*
 * The routes of all operations, compiled once from AWS's own notation:
 *
 *   PUT /{Bucket}/{Key+}?partNumber&uploadId #x-amz-copy-source
 *   method  level         demanded parameters   demanded headers        (`name=value` demands a value)
 *
 * Among the rows that match a request the one with the most demands wins, parameters before headers: the order of the
 * table never matters. Two rows that match with equally many demands are a request that contradicts itself.
 */

type Place = Pick<Address, 'bucket' | 'key'>
type Level = 'service' | 'bucket' | 'object'

interface Row<Target> {
  target: Target
  parameters: { name: string; value: string | undefined }[]
  headers: string[]
  weight: number
}

export interface Router<Target> {
  /** @throws AwsError MethodNotAllowed when nothing is there for the method; InvalidArgument when two subresources are named */
  match(
    method: string,
    address: Place,
    query: ReadonlyMap<string, string>,
    headers: Readonly<Record<string, string>>,
  ): Target
}

/** Parameters that operations without a subresource take too. */
const plainParameters = new Set(['partNumber', 'id'])
const resourceTypes: Record<Level, string> = { service: 'SERVICE', bucket: 'BUCKET', object: 'OBJECT' }

export function compileRoutes<Target extends Routed>(targets: readonly Target[]): Router<Target> {
  const tables = new Map<string, Row<Target>[]>()
  const subresources: Record<Level, Set<string>> = { service: new Set(), bucket: new Set(), object: new Set() }
  for (const target of targets) {
    const { method, level, ...row } = parseRoute(target)
    const table = tables.get(`${method} ${level}`) ?? []
    tables.set(`${method} ${level}`, table)
    table.push(row)
    for (const { name, value } of row.parameters) {
      if (value === undefined && !plainParameters.has(name)) subresources[level].add(name)
    }
  }
  for (const table of tables.values()) table.sort((a, b) => b.weight - a.weight)

  return {
    match(method, address, query, headers) {
      const level = levelOf(address)
      const table = tables.get(`${method} ${level}`) ?? []
      const index = table.findIndex((row) => isMatch(row, query, headers))
      const row = table[index]
      if (!row) throw s3Errors.MethodNotAllowed(method, resourceTypes[level])
      const rival = table.find(
        (other, place) => place > index && other.weight === row.weight && isMatch(other, query, headers),
      )
      if (rival) throw conflicting(row, rival)
      if (query.size > 0 && method !== 'HEAD') refuseOtherSubresource(method, row, query, subresources[level])
      return row.target
    },
  }
}

/** `DELETE key?acl` must not delete the object: a subresource without such a method is refused by name (evidence: s3-subresources). */
function refuseOtherSubresource(
  method: string,
  row: Row<unknown>,
  query: ReadonlyMap<string, string>,
  subresources: ReadonlySet<string>,
): void {
  for (const name of query.keys()) {
    if (!subresources.has(name) || row.parameters.some((demand) => demand.name === name)) continue
    throw s3Errors.MethodNotAllowed(method, name.toUpperCase())
  }
}

function conflicting(row: Row<unknown>, rival: Row<unknown>) {
  const names = [...row.parameters, ...rival.parameters].map(({ name }) => name)
  const distinct = [...new Set(names)].sort()
  const message = `Conflicting query string parameters: ${distinct.join(', ')}`
  return s3Errors.InvalidArgument(message, 'ResourceType', distinct[0])
}

function isMatch(
  row: Row<unknown>,
  query: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string>>,
): boolean {
  for (const { name, value } of row.parameters) {
    const given = query.get(name)
    if (given === undefined || (value !== undefined && given !== value)) return false
  }
  for (const name of row.headers) if (headers[name] === undefined) return false
  return true
}

function levelOf({ bucket, key }: Place): Level {
  if (key !== '') return 'object'
  return bucket === '' ? 'service' : 'bucket'
}

const levels: Record<string, Level> = { '/': 'service', '/{Bucket}': 'bucket', '/{Bucket}/{Key+}': 'object' }

function parseRoute<Target extends Routed>(target: Target): Row<Target> & { method: string; level: Level } {
  const [method = '', resource = '', ...demands] = target.route.split(' ')
  const [path = '', query = ''] = resource.split('?')
  const level = levels[path]
  if (!level) throw new Error(`The route of ${target.name} has no known path: ${target.route}`)
  const parameters = query === '' ? [] : query.split('&').map(parseDemand)
  const headers = demands.map((demand) => demand.replace(/^#/, ''))
  const valued = parameters.filter(({ value }) => value !== undefined).length
  const weight = parameters.length * 100 + valued * 10 + headers.length
  return { method, level, target, parameters, headers, weight }
}

function parseDemand(demand: string): { name: string; value: string | undefined } {
  const [name = '', value] = demand.split('=')
  return { name, value }
}

/** What a route demands, in an order of its own: two routes with the same demands could never be distinguished. */
export function demandsOf(target: Routed): string {
  const { method, level, parameters, headers } = parseRoute(target)
  const names = parameters.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`))
  return [method, level, ...names.sort(), ...headers.sort().map((name) => `#${name}`)].join(' ')
}
