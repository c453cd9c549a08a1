/** Deeper than any input: KMS's deepest has four levels. V8 takes long for what is very deep. */
const deepest = 64

/** Whether brackets are nested deeper than any input, or than `most`; those in texts do not count. */
export function isTooDeep(body: Uint8Array, most = deepest): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (isText && byte === 0x5c) at++
    else if (byte === 0x22) isText = !isText
    else if (isText) continue
    else if (byte === 0x5b || byte === 0x7b) depth++
    else if (byte === 0x5d || byte === 0x7d) depth--
    if (depth > most) return true
  }
  return false
}
