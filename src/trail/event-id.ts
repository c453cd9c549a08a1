/*
 * An event's id is a UUID, version 4, whose last part holds the event's time, so that the event is found without an index:
 *
 *   r r r r r r r r - r r r r - 4 r r r - v r r r - t t t t t t t t t t t t      t = time, ms, XOR the first twelve r
 *
 * 74 bits of chance are left, for the events of one millisecond.
 */

const hexDigits = 12
const half = 2 ** 24

/**
 * @param time ms since the epoch, below 2^48
 * @param uuid a fresh one
 */
export function eventIdAt(time: number, uuid: string): string {
  const first = firstDigits(uuid)
  const high = Math.floor(time / half) ^ Math.floor(first / half)
  const low = (time % half) ^ (first % half)
  return uuid.slice(0, -hexDigits) + (high * half + low).toString(16).padStart(hexDigits, '0')
}

/** The time (ms since the epoch) in an event's id; of another text, any number or none. */
export function timeOfEventId(eventId: string): number | undefined {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(eventId)) return undefined
  const [first, last] = [firstDigits(eventId), Number.parseInt(eventId.slice(-hexDigits), 16)]
  const high = Math.floor(first / half) ^ Math.floor(last / half)
  return high * half + ((first % half) ^ (last % half))
}

function firstDigits(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16)
}
