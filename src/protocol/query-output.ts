import type { XmlContent, XmlElement } from './rest-xml.ts'

/** What an operation answers: members by AWS's names. Undefined ones are left out, lists and maps may be empty. */
export interface QueryOutput {
  readonly [member: string]: QueryValue
}

export type QueryValue =
  | string
  | number
  | boolean
  | Date
  | undefined
  | QueryOutput
  | readonly QueryValue[]
  | ReadonlyMap<string, QueryValue>

/** An answer as the query protocol writes it: lists as `<member>`, maps as `<entry>`, moments in whole seconds. */
export function queryElement(output: QueryOutput): XmlElement {
  const element: XmlElement = {}
  for (const [name, value] of Object.entries(output)) {
    if (value !== undefined) element[name] = contentOf(value)
  }
  return element
}

function contentOf(value: Exclude<QueryValue, undefined>): XmlContent {
  if (typeof value !== 'object') return value
  if (value instanceof Date) return `${value.toISOString().slice(0, 19)}Z`
  if (isList(value)) return { member: value.flatMap((item) => (item === undefined ? [] : [contentOf(item)])) }
  if (!isMap(value)) return queryElement(value)
  return { entry: [...value].flatMap(([key, item]) => (item === undefined ? [] : [{ key, value: contentOf(item) }])) }
}

function isList(value: object): value is readonly QueryValue[] {
  return Array.isArray(value)
}

function isMap(value: object): value is ReadonlyMap<string, QueryValue> {
  return value instanceof Map
}
