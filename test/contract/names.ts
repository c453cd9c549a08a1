/*
 * Tables are written with the names of AWS's own examples, and answers are kept under them. What a run really uses stands behind:
 *
 *   111122223333   the account of the run           Alice                  contract-1f2e3d4c-7-Alice
 *   444455556666   another account                  amzn-s3-demo-bucket    contract-1f2e3d4c-7
 */

export const exampleAccount = '111122223333'
export const exampleOther = '444455556666'
export const exampleBucket = 'amzn-s3-demo-bucket'
export const exampleDestination = 'amzn-s3-demo-destination-bucket'
export const exampleKey = '1234abcd-12ab-34cd-56ef-1234567890ab'
export const exampleSecondKey = '0987dcba-09fe-87dc-65ba-ab0987654321'
export const exampleRegion = 'us-east-1'
export const sessionName = 'ExampleSession'

export function keyArn(keyId = exampleKey, account = exampleAccount): string {
  return `arn:aws:kms:${exampleRegion}:${account}:key/${keyId}`
}

/** Names of examples, each with what stands for it in this run. */
export class Names {
  readonly #actual = new Map<string, string>()
  readonly #example = new Map<string, string>()

  give(example: string, actual: string): void {
    this.#actual.set(example, actual)
    this.#example.set(actual, example)
  }

  /** @param value a text, or lists and records of texts; bytes stay as they are */
  actual<Value>(value: Value): Value {
    return replaceIn(value, this.#actual)
  }

  masked(text: string): string {
    return replaceIn(text, this.#example)
  }
}

function replaceIn<Value>(value: Value, by: ReadonlyMap<string, string>): Value
function replaceIn(value: unknown, by: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return replaceText(value, by)
  if (Array.isArray(value)) return value.map((one) => replaceIn(one, by))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [replaceText(name, by), replaceIn(one, by)]))
}

/** In one pass, the longest first: what was put in is not looked at again. */
function replaceText(text: string, by: ReadonlyMap<string, string>): string {
  if (by.size === 0) return text
  const names = [...by.keys()].sort((one, other) => other.length - one.length)
  const pattern = new RegExp(names.map((name) => name.replace(/[^\w-]/g, '\\$&')).join('|'), 'g')
  return text.replace(pattern, (found) => by.get(found) ?? found)
}
