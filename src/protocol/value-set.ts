/*
 * In which order AWS names the values of an enumeration: not as its models list them, but as a hash set of Java's holds them.
 *
 *   slots   the next power of two from n ÷ 0.75 + 1 on, at least 16
 *   slot    the text's hash (String.hashCode), modulo the slots
 *   order   slot by slot; in one slot the value that was added last comes first
 *
 * The rule gives both the twelve key specs and the four MAC algorithms in the order that KMS was seen to answer
 * (`value-set.test.ts`); for other enumerations it is an assumption (evidence: kms-enum-order).
 */

const fewestSlots = 16
const load = 0.75

/**
 * The values in the order in which AWS shows them.
 * @param values in the order of AWS's model
 */
export function valueSet(values: readonly string[]): string[] {
  const slots = slotsFor(values.length)
  const slotOf = (value: string) => (hashOf(value) >>> 0) % slots
  return [...values].reverse().sort((a, b) => slotOf(a) - slotOf(b))
}

function slotsFor(count: number): number {
  let slots = fewestSlots
  while (slots < Math.floor(count / load) + 1) slots *= 2
  return slots
}

/** Java's String.hashCode, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0
  return hash
}
