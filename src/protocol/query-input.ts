import { AwsError } from '../aws/errors.ts'
import { type Description, examine, type Fault, faultWords, pathWords, type Shape, shapeOf } from './shapes.ts'

/*
 * The query protocol's input: parameters whose names are paths, read by a shape.
 *
 *   Tags.member.1.Key=team & Tags.member.1.Value=a & MaxItems=10      ▶  { Tags: [{ Key: 'team', Value: 'a' }], MaxItems: 10 }
 *
 * `Tags=` is an empty list. Parameters that no shape asks for are passed over, as on AWS.
 */

interface Node {
  value?: string
  children?: Map<string, Node>
}

/** Deeper than any input: `ContextEntries.member.1.ContextKeyValues.member.1` has six parts. */
const deepest = 10

/** How a service words faults: IAM shows no values, STS does. */
export interface FaultWords {
  showsValues: boolean
  /** What the service says of a text that is not of its pattern, in place of all else. @param member as shown, `userName` */
  sentenceOf?(member: string): string | undefined
}

const ofPattern = 'Member must satisfy regular expression pattern: '

/**
 * Reads an input.
 * @throws AwsError ValidationError in AWS's words, of all that is wrong
 */
export function readQueryInput<Input>(
  shape: Shape<Input>,
  parameters: ReadonlyMap<string, string>,
  words: FaultWords,
): Input {
  const { value, faults } = examine(shape, inputOf(shape, treeOf(parameters)))
  if (faults.length > 0) throw validationError(shape, faults, words)
  return value
}

function treeOf(parameters: ReadonlyMap<string, string>): Node {
  const root: Node = {}
  for (const [name, value] of parameters) {
    let node = root
    for (const part of name.split('.', deepest)) {
      node.children ??= new Map()
      const next: Node = node.children.get(part) ?? {}
      node.children.set(part, next)
      node = next
    }
    node.value = value
  }
  return root
}

function inputOf({ description }: Shape<unknown>, node: Node): unknown {
  const { type, members, item } = description
  if (type === 'structure' && members) {
    const own = Object.entries(members).flatMap(([name, member]) => {
      const child = node.children?.get(name)
      return child ? [[name, inputOf(shapeOf(member), child)]] : []
    })
    return Object.fromEntries(own)
  }
  if (type === 'list' && item) return itemsOf(node).map((child) => inputOf(item, child))
  const { value } = node
  if (type === 'integer' && value !== undefined && /^-?\d{1,15}$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** The items that were sent, in the order of their numbers. */
function itemsOf({ children }: Node): Node[] {
  const items = [...(children?.get('member')?.children ?? [])].filter(([number]) => /^[1-9]\d{0,8}$/.test(number))
  return items.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child)
}

function validationError(shape: Shape<unknown>, faults: readonly Fault[], words: FaultWords): AwsError {
  for (const { path, words: fault } of faults) {
    const sentence = fault.startsWith(ofPattern) ? words.sentenceOf?.(pathWords(path)) : undefined
    if (sentence !== undefined) return new AwsError('ValidationError', sentence, 400)
  }
  const items = [...new Set(faults.map((fault) => wordsOf(shape.description, fault, words)))]
  const count = items.length === 1 ? '1 validation error' : `${items.length} validation errors`
  return new AwsError('ValidationError', `${count} detected: ${items.join('; ')}`, 400)
}

/** IAM tells what is wrong with a text in a list of texts at the list itself, all rules of the texts in one (recorded). */
function wordsOf(description: Description, fault: Fault, { showsValues }: FaultWords): string {
  const words = withoutAnchors(fault.words)
  if (showsValues) return faultWords({ ...fault, words })
  const item = itemOfList(description, fault.path)
  if (item) {
    const rules = `Member must satisfy constraint: [${[...rulesOf(item), 'Member must not be null'].join(', ')}]`
    return `Value at '${pathWords(fault.path.slice(0, -1))}' failed to satisfy constraint: ${rules}`
  }
  return `Value at '${pathWords(fault.path)}' failed to satisfy constraint: ${words}`
}

/** The models of these services have patterns that match the whole without saying so. */
function withoutAnchors(words: string): string {
  return words.startsWith(`${ofPattern}^`) ? ofPattern + words.slice(ofPattern.length + 1, -1) : words
}

/** What the texts of a list are like, where the path ends at one. */
function itemOfList(description: Description, path: Fault['path']): Description | undefined {
  let at: Description | undefined = description
  for (const step of path) {
    const member: Parameters<typeof shapeOf>[0] | undefined = typeof step === 'number' ? at?.item : at?.members?.[step]
    at = member && shapeOf(member).description
  }
  return typeof path.at(-1) === 'number' && at?.type === 'string' ? at : undefined
}

function rulesOf({ min, max, pattern, values }: Description): string[] {
  return [
    ...(max === undefined ? [] : [`Member must have length less than or equal to ${max}`]),
    ...(min === undefined ? [] : [`Member must have length greater than or equal to ${min}`]),
    ...(pattern === undefined ? [] : [withoutAnchors(ofPattern + pattern)]),
    ...(values === undefined ? [] : [`Member must satisfy enum value set: [${values.join(', ')}]`]),
  ]
}
