/** In characters. What clients repeat is short; a thousand headers of 64 KiB would be kept otherwise. */
const longestText = 1024

/**
 * Remembers what was derived from a text: clients say the same things again and again. What throws is not remembered, nor is
 * what was derived from a long text.
 * @param limit results in memory; beyond it all are forgotten
 */
export function remembering<Value>(limit: number): (text: string, derive: (text: string) => Value) => Value {
  const known = new Map<string, Value>()
  return (text, derive) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = derive(text)
    if (text.length > longestText) return value
    if (known.size >= limit) known.clear()
    known.set(text, value)
    return value
  }
}

/** Remembers only what was derived last: several ask the same of one request, and no other request asks it again. */
export function rememberingLast<Value>(): (text: string, derive: (text: string) => Value) => Value {
  let known: { text: string; value: Value } | undefined
  return (text, derive) => {
    if (known?.text !== text) known = { text, value: derive(text) }
    return known.value
  }
}
