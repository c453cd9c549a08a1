/*
 * An event's id is a UUID, version 4, whose last part holds the event's time, so that the event is found without an index:
 *
 *   r r r r r r r r - r r r r - 4 r r r - v r r r - t t t t t t t t t t t t      t = time, ms, XOR the first twelve r
 *
 * 74 bits of chance are left, for the events of one millisecond.
 */

const hexDigits = 12
/** The time is cut into 32 and 16 bits, because operators on bits take no more than 32. */
const lowBits = 2 ** 16

/**
 * @param time ms since the epoch, below 2^48
 * @param uuid a fresh one
 */
export function eventIdAt(time: number, uuid: string): string {
  const high = (Math.floor(time / lowBits) ^ firstDigits(uuid)) >>> 0
  const low = (time & (lowBits - 1)) ^ nextDigits(uuid)
  return uuid.slice(0, -hexDigits) + high.toString(16).padStart(8, '0') + low.toString(16).padStart(4, '0')
}

/** The time (ms since the epoch) in an event's id; of another text, any number or none. */
export function timeOfEventId(eventId: string): number | undefined {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(eventId)) return undefined
  const last = eventId.slice(-hexDigits)
  const high = (firstDigits(eventId) ^ Number.parseInt(last.slice(0, 8), 16)) >>> 0
  const low = nextDigits(eventId) ^ Number.parseInt(last.slice(8), 16)
  return high * lowBits + low
}

function firstDigits(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16)
}

function nextDigits(uuid: string): number {
  return Number.parseInt(uuid.slice(9, 13), 16)
}
