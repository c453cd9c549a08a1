import type { AwsError } from '../../aws/errors.ts'
import { readMoment } from '../../calendar.ts'
import { listOf, type XmlContent, type XmlElement } from '../../protocol/rest-xml.ts'
import { s3Errors } from '../errors.ts'

/*
 * The shapes of S3's XML documents, in the words of AWS's model:
 *
 *   <Tagging><TagSet><Tag>…</Tag><Tag>…</Tag></TagSet></Tagging>     list('Tag', Tag)         a wrapped list
 *   <ServerSideEncryptionConfiguration><Rule>…</Rule></…>            flattened('Rule', Rule)  a list without a wrapper
 *
 * A shape is plain data (a test holds it against the model), a reader that turns parsed XML into a typed value, and a writer
 * that turns the value back. Children are written in the order in which members are declared, items in the order they were sent.
 */

/** The children of one name: undefined when there is none, a list when there are several. */
type Children = XmlElement[string]

export interface XmlMembers {
  readonly [name: string]: XmlShape<unknown> | RequiredXml<unknown>
}

/** What a shape demands, as the model has it. */
export interface XmlDescription {
  readonly type: 'structure' | 'list' | 'string' | 'integer' | 'boolean' | 'timestamp' | 'document'
  readonly members?: XmlMembers
  /** Of a list: the name of its items' element, and their shape. */
  readonly element?: string
  readonly item?: XmlShape<unknown>
  readonly flattened?: boolean
  readonly values?: readonly string[]
}

export interface XmlShape<Type> {
  readonly description: XmlDescription
  /** The element's name, where it is not the member's. */
  readonly element?: string
  /**
   * Reads what is there.
   * @throws AwsError MalformedXML, or what the shape was declared with
   */
  read(content: NonNullable<Children>): Type
  // A method, so that shapes of narrower types fit where any shape does.
  write(value: Type): NonNullable<Children>
}

export interface RequiredXml<Type> {
  readonly required: true
  readonly shape: XmlShape<Type>
  readonly missing: () => AwsError
}

type MemberType<M> = M extends RequiredXml<infer Type> ? Type : M extends XmlShape<infer Type> ? Type : never
type RequiredNames<M> = { [Name in keyof M]: M[Name] extends RequiredXml<unknown> ? Name : never }[keyof M]
type StructureType<M> = { [Name in RequiredNames<M>]: MemberType<M[Name]> } & {
  [Name in Exclude<keyof M, RequiredNames<M>>]?: MemberType<M[Name]>
}
/** The value that a shape reads. */
export type ValueOf<Shape> = Shape extends XmlShape<infer Type> ? Type : never

/** @param missing AWS's error where it has one of its own */
export function required<Type>(
  shape: XmlShape<Type>,
  missing: () => AwsError = s3Errors.MalformedXML,
): RequiredXml<Type> {
  return { required: true, shape, missing }
}

/** The shape of a member, required or not. */
export function shapeOf<Type>(member: XmlShape<Type> | RequiredXml<Type>): XmlShape<Type> {
  return 'required' in member ? member.shape : member
}

/** A member whose element has another name than the model gives the member. */
export function named<Type>(element: string, shape: XmlShape<Type>): XmlShape<Type> {
  return { ...shape, element }
}

/** An element with none but these children, each once unless it is a flattened list. */
export function structure<const M extends XmlMembers>(members: M): XmlShape<StructureType<M>> {
  const rows = Object.entries(members).map(([name, member]) => {
    const shape = shapeOf(member)
    return { name, element: shape.element ?? name, shape, missing: 'required' in member ? member.missing : undefined }
  })
  const elements = new Set(rows.map(({ element }) => element))
  return {
    description: { type: 'structure', members },
    read(content) {
      const children = childrenOf(content)
      if (Object.keys(children).some((name) => !name.startsWith('@') && !elements.has(name))) throw malformed()
      const value: Record<string, unknown> = {}
      for (const { name, element, shape, missing } of rows) {
        const child = Object.hasOwn(children, element) ? children[element] : undefined
        if (child !== undefined) value[name] = shape.read(child)
        else if (missing) throw missing()
      }
      return value as StructureType<M>
    },
    write(value) {
      const members: Record<string, unknown> = value
      const content: XmlElement = {}
      for (const { name, element, shape } of rows) {
        if (members[name] !== undefined) content[element] = shape.write(members[name])
      }
      return content
    },
  }
}

/** A list in an element of its own. */
export function list<Item>(element: string, item: XmlShape<Item>): XmlShape<Item[]> {
  return {
    description: { type: 'list', element, item, flattened: false },
    read(content) {
      const children = childrenOf(content)
      if (Object.keys(children).some((name) => !name.startsWith('@') && name !== element)) throw malformed()
      return listOf(children[element]).map((child) => item.read(child))
    },
    write: (items) => ({ [element]: items.map((value) => single(item.write(value))) }),
  }
}

/** A list whose items lie beside the other children: the element is repeated. */
export function flattened<Item>(element: string, item: XmlShape<Item>): XmlShape<Item[]> {
  return {
    description: { type: 'list', element, item, flattened: true },
    element,
    read: (content) => listOf(content).map((child) => item.read(child)),
    write: (items) => items.map((value) => single(item.write(value))),
  }
}

/**
 * A text, untrimmed.
 * @param options.pattern what all of it must be
 * @param options.wrong AWS's error for a text that is none of these; MalformedXML when left out
 */
export function string(
  options: { min?: number; max?: number; pattern?: RegExp; wrong?: (text: string) => AwsError } = {},
): XmlShape<string> {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, wrong = malformed } = options
  return {
    description: { type: 'string' },
    read(content) {
      const text = textOf(content)
      if (text.length < min || text.length > max || pattern?.test(text) === false) throw wrong(text)
      return text
    },
    write: (text) => text,
  }
}

/** @param wrong AWS's error for another text; MalformedXML when left out */
export function enumeration<const Value extends string>(
  values: readonly Value[],
  wrong: (text: string) => AwsError = malformed,
): XmlShape<Value> {
  return {
    description: { type: 'string', values },
    read(content) {
      const text = textOf(content)
      const value = values.find((candidate) => candidate === text)
      if (value === undefined) throw wrong(text)
      return value
    },
    write: (value) => value,
  }
}

/** A whole number in the range of an XML Schema int. */
export function integer(): XmlShape<number> {
  return {
    description: { type: 'integer' },
    read(content) {
      const text = textOf(content).trim()
      const number = Number(text)
      if (!/^[+-]?\d{1,10}$/.test(text) || number !== (number | 0)) throw malformed()
      return number
    },
    write: (number) => number,
  }
}

/** A whole number that JavaScript has exactly: the model's long. */
export function long(): XmlShape<number> {
  return {
    description: { type: 'integer' },
    read(content) {
      const text = textOf(content).trim()
      const number = Number(text)
      if (!/^[+-]?\d{1,16}$/.test(text) || !Number.isSafeInteger(number)) throw malformed()
      return number
    },
    write: (number) => number,
  }
}

export function boolean(): XmlShape<boolean> {
  return {
    description: { type: 'boolean' },
    read(content) {
      const text = textOf(content).trim()
      if (text !== 'true' && text !== 'false') throw malformed()
      return text === 'true'
    },
    write: (value) => value,
  }
}

/** ISO 8601 with a time zone, or a date alone, which is its midnight in UTC; ms since the epoch here. */
export function timestamp(): XmlShape<number> {
  return {
    description: { type: 'timestamp' },
    read(content) {
      const milliseconds = readMoment(textOf(content).trim(), iso8601)
      if (milliseconds === undefined) throw malformed()
      return milliseconds
    },
    write: (milliseconds) => new Date(milliseconds).toISOString(),
  }
}

const iso8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d))?$/

/** An element whose content nobody here looks into. */
export function document(): XmlShape<XmlContent> {
  return { description: { type: 'document' }, read: single, write: (content) => content }
}

function malformed(): AwsError {
  return s3Errors.MalformedXML()
}

/** The one element of its name. */
function single(content: NonNullable<Children>): XmlContent {
  if (Array.isArray(content)) throw malformed()
  return content
}

/**
 * The children of an element that has no text. Of an element without child elements the parser gives its text.
 * @throws AwsError MalformedXML
 */
export function childrenOf(content: NonNullable<Children>): XmlElement {
  const element = single(content)
  if (typeof element === 'object') return element
  if (String(element).trim() !== '') throw malformed()
  return {}
}

function textOf(content: NonNullable<Children>): string {
  const text = single(content)
  if (typeof text !== 'object') return String(text)
  // An attribute makes the parser give an element: xsi:type and its like stand beside no text that matters here.
  throw malformed()
}
