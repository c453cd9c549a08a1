import type { Description, Shape } from '../../src/protocol/shapes.ts'

/* An input for every operation whose shape is data: what it requires, and what it may have that names something of the account. */

/** What members of these names are, wherever they stand. */
export type Values = Record<string, unknown>

/**
 * @param values by the member's name; what is not among them follows from its shape
 * @returns as JSON takes it: blobs as base64
 */
export function inputFor(shape: Shape<unknown>, values: Values): Record<string, unknown> {
  const members = Object.entries(shape.description.members ?? {})
  const present = members.filter(([name, member]) => 'required' in member || name in values)
  return Object.fromEntries(
    present.map(([name, member]) => [name, valueFor(name, 'required' in member ? member.shape : member, values)]),
  )
}

function valueFor(name: string, shape: Shape<unknown>, values: Values): unknown {
  if (name in values) return values[name]
  const { type, item, values: words, min = 1 }: Description = shape.description
  if (words) return words[0]
  if (type === 'list') return item ? [valueFor(name, item, values)] : []
  if (type === 'structure') return inputFor(shape, values)
  if (type === 'map') return {}
  if (type === 'integer') return min
  if (type === 'boolean') return false
  return 'a'.repeat(Math.max(4, min))
}

/** As the query protocol takes it: `Tags.member.1.Key`. */
export function formOf(input: unknown, prefix = ''): [string, string][] {
  if (Array.isArray(input)) return input.flatMap((item, index) => formOf(item, `${prefix}.member.${index + 1}`))
  if (typeof input !== 'object' || input === null) return [[prefix, String(input)]]
  return Object.entries(input).flatMap(([name, value]) => formOf(value, prefix === '' ? name : `${prefix}.${name}`))
}
