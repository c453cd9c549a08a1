import { lowerFirst } from '../protocol/shapes.ts'

/** `Aug 10, 2022, 10:38:27 PM`: how events show a moment inside their elements, in UTC. */
export function eventDate(milliseconds: number): string {
  const date = new Date(milliseconds)
  const month = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[date.getUTCMonth()]
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = date.getUTCHours()
  const time = `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
  return `${month} ${date.getUTCDate()}, ${date.getUTCFullYear()}, ${time}`
}

/** What no event shows, wherever it stands. */
const secrets: ReadonlySet<string> = new Set(['SecretAccessKey', 'SessionToken', 'Password', 'WebIdentityToken'])

/**
 * The members of an input or output of IAM or STS as an event shows them: names begin in lower case, moments are texts, secrets are left
 * out.
 * @returns null for what has none
 */
export function eventElements(members: object | undefined): Record<string, unknown> | null {
  const elements = members === undefined ? {} : elementsOf(members)
  return Object.keys(elements).length > 0 ? elements : null
}

function elementsOf(members: object): Record<string, unknown> {
  const elements: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && !secrets.has(name)) elements[lowerFirst(name)] = elementOf(value)
  }
  return elements
}

function elementOf(value: unknown): unknown {
  if (value instanceof Date) return eventDate(value.getTime())
  if (Array.isArray(value)) return value.map(elementOf)
  return typeof value === 'object' && value !== null ? elementsOf(value) : value
}
