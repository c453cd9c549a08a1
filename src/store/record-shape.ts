/*
 * The shape of a record's JSON: what those who read it rely on. A store that was damaged may hold anything; whoever proves that it does
 * not, asks the shape first.
 *
 *   members<AliasRecord>({ targetKeyId: text, creationDate: time, lastUpdatedDate: time })
 *
 * Every member of the type is named, and a shape takes all that the type allows, or it does not compile. Members that no type names any
 * more are left alone: older versions wrote some.
 */

/** What a value must be to be taken for `Value`. */
export interface RecordShape<Value> {
  /** @returns what is wrong, in words that follow the name of the value; undefined: nothing */
  fault(value: unknown): string | undefined
  /** Type only, never set: the shape takes every such value. */
  readonly takes?: (value: Value) => void
}

type Members<Value> = { readonly [Member in keyof Required<Value>]: RecordShape<Value[Member]> }

function shape<Value>(isRight: (value: unknown) => boolean, words: string): RecordShape<Value> {
  return { fault: (value) => (isRight(value) ? undefined : words) }
}

export const anything: RecordShape<unknown> = { fault: () => undefined }
export const text = shape<string>((value) => typeof value === 'string', 'is no text')
export const flag = shape<boolean>((value) => typeof value === 'boolean', 'is neither true nor false')
export const number = shape<number>((value) => typeof value === 'number', 'is no number')
/** From 0 on, without a fraction. */
export const count = shape<number>((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'is no whole number')
/** ms since the epoch */
export const time = shape<number>((value) => Number.isFinite(value), 'is no time')
/** An object, whatever is in it. */
export const object = shape<object>(isObject, 'is no object')
/** What is `true` or left out. */
export const mark = shape<true | undefined>((value) => value === undefined || value === true, 'is not true')
export const yes = shape<true>((value) => value === true, 'is not true')
export const base64 = shape<string>(
  (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
  'is no base64',
)

export function optional<Value>(of: RecordShape<Value>): RecordShape<Value | undefined> {
  return { fault: (value) => (value === undefined ? undefined : of.fault(value)) }
}

export function oneOf<const Value extends string | number>(...values: readonly Value[]): RecordShape<Value> {
  const all: ReadonlySet<unknown> = new Set(values)
  return shape((value) => all.has(value), 'is none of what it may be')
}

export function listOf<Item>(item: RecordShape<Item>): RecordShape<readonly Item[]> {
  return {
    fault(value) {
      if (!Array.isArray(value)) return 'is no list'
      for (const [index, one] of value.entries()) {
        const fault = item.fault(one)
        if (fault !== undefined) return joined(`[${index}]`, fault)
      }
      return undefined
    },
  }
}

/** An object with members of any names. */
export function mapOf<Item>(item: RecordShape<Item>): RecordShape<Readonly<Record<string, Item>>> {
  return {
    fault(value) {
      if (!isObject(value)) return 'is no object'
      for (const [name, one] of Object.entries(value)) {
        const fault = item.fault(one)
        if (fault !== undefined) return joined(`.${name}`, fault)
      }
      return undefined
    },
  }
}

export function members<Value extends object>(of: NoInfer<Members<Value>>): RecordShape<Value> {
  const rows: [string, RecordShape<never>][] = Object.entries(of)
  return {
    fault(value) {
      if (!isObject(value)) return 'is no object'
      const named: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value))
      for (const [name, member] of rows) {
        const fault = member.fault(named[name])
        if (fault !== undefined) return joined(`.${name}`, fault)
      }
      return undefined
    },
  }
}

/** One of several: what is wrong is told of the last. */
export function either<One, Other>(one: RecordShape<One>, other: RecordShape<Other>): RecordShape<One | Other> {
  return { fault: (value) => (one.fault(value) === undefined ? undefined : other.fault(value)) }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `[0]` and `.name is no text` → `[0].name is no text` */
function joined(name: string, fault: string): string {
  return /^[.[]/.test(fault) ? name + fault : `${name} ${fault}`
}
