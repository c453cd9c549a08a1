import { ControlRefusal } from './refusal.ts'
import type { Parameters } from './route.ts'

/**
 * What a route would pass over, its caller believes that it holds: a parameter that is none of its, or a second value of one.
 * @param path that was asked, for the words
 * @throws ControlRefusal
 */
export function requireKnown(parameters: Parameters, path: string, query: URLSearchParams): void {
  const known = namesInQuery(parameters)
  const given = [...query.keys()]
  const unknown = given.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const shown = unknown.length > 80 ? `${unknown.slice(0, 80)}…` : unknown
    const takes = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`
    throw new ControlRefusal(422, `${path} has no parameter '${shown}': ${takes}`)
  }
  const repeated = given.find((name, index) => given.indexOf(name) !== index)
  if (repeated !== undefined) throw severalValues(repeated)
}

/** The parameters of a route that its query has. */
export function namesInQuery(parameters: Parameters): string[] {
  return Object.keys(parameters).filter((name) => parameters[name]?.in === 'query')
}

/** Which of them was meant nobody knows. */
export function severalValues(name: string): ControlRefusal {
  return new ControlRefusal(400, `${name} was given more than once`)
}
