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
export const exampleCanonicalUser = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'
export const exampleOtherCanonicalUser = '852b113e7a2f25102679df27bb0ae12b3f85be6f290b936c4393484be31bebcc'
/** Of the first and of the second object that a bucket with versioning was given. */
export const exampleVersion = 'L4kqtJlcpXroDTDmpUMLUo'
export const exampleSecondVersion = '3HL4kqtJlcpXroDTDmrmUMLUo'
/** Of the first upload and of the first grant that a scenario has, and of the second. */
export const exampleUpload = 'VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRz'
export const exampleSecondUpload = 'VGhpcyBpcyB0aGUgdXBsb2FkIElEIG9mIGFub3RoZXIgb25l'
export const exampleGrant = '0c237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60'
export const exampleSecondGrant = '9a1b3f6ae1c54d1fb7a3a1f0d6a3f0e2f1e4b4f0c7a84e1c8d0f4f2f4a7a1c11'
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
