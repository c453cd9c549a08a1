/*
 * Is there an order of all operations, each at some moment between its call and its answer, in which a single register would
 * have answered just so? (Wing and Gong's search, with a memory of the states it has been in.)
 *
 *   a ├────write 1────┤
 *   b      ├─read 1─┤   ├─read 0─┤      no: write 1 was over, and seen, before b read 0
 *
 * An operation may come next when none that is still open ended before it began. Operations are sorted by their beginning, so
 * a state is: all before `first` are placed, some behind it too, and the register holds `value`.
 */

/**
 * @typedef {{ kind: 'write' | 'create' | 'read', value?: string, accepted?: boolean, begun: number, ended: number }} Operation
 *   value: what was written or read, undefined for nothing there (a delete writes it). A `create` writes only where nothing is, and
 *   says by `accepted` whether it did. `ended` is Infinity where no answer came: then it may have happened at any time, or never.
 */

/**
 * @param {Operation[]} operations
 * @returns {Operation | undefined} undefined when there is such an order, else the earliest operation that no order reached
 */
export function violation(operations) {
  const sorted = [...operations].sort((a, b) => a.begun - b.begun)
  const seen = new Set()
  const open = [{ first: 0, placed: new Set(), value: undefined }]
  let furthest = 0
  while (open.length > 0) {
    const state = open.pop()
    furthest = Math.max(furthest, state.first)
    const candidates = candidatesOf(sorted, state)
    if (candidates.length === 0) return undefined
    for (const following of followingStates(sorted, state, candidates)) {
      const name = `${following.first}|${[...following.placed].sort((a, b) => a - b)}|${following.value}`
      if (seen.has(name)) continue
      seen.add(name)
      open.push(following)
    }
  }
  return sorted[furthest]
}

/** Indexes of what may come next; none when all that was answered is placed. */
function candidatesOf(sorted, { first, placed }) {
  const found = []
  let earliestEnd = Number.POSITIVE_INFINITY
  let isOwed = false
  for (let index = first; index < sorted.length; index++) {
    if (placed.has(index)) continue
    const { begun, ended } = sorted[index]
    if (begun > earliestEnd) break
    found.push(index)
    earliestEnd = Math.min(earliestEnd, ended)
    isOwed ||= ended < Number.POSITIVE_INFINITY
  }
  return isOwed ? found : []
}

function followingStates(sorted, state, candidates) {
  // A read that fits may as well come at once: that spoils no order.
  const fitting = candidates.find((index) => !changes(sorted[index]) && fits(sorted[index], state.value))
  if (fitting !== undefined) return [placing(sorted, state, fitting, state.value)]
  const writes = candidates.filter((index) => changes(sorted[index]) && fits(sorted[index], state.value))
  return writes.map((index) => placing(sorted, state, index, sorted[index].value))
}

function changes({ kind, accepted }) {
  return kind === 'write' || (kind === 'create' && accepted)
}

function fits({ kind, value, accepted }, current) {
  if (kind === 'write') return true
  if (kind === 'read') return value === current
  return accepted === (current === undefined)
}

function placing(sorted, { first, placed }, index, value) {
  const next = new Set(placed).add(index)
  let start = first
  while (next.delete(start)) start++
  return { first: Math.min(start, sorted.length), placed: next, value }
}
