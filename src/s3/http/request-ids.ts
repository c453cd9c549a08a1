import type { Ambient } from '../../ambient.ts'

const alphabet = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'
const idLength = 63
const idsPerDraw = 64

export interface RequestIds {
  requestId: string
  hostId: string
}

/**
 * The two ids of each answer: 16 letters and digits, and 64 characters of base64. Randomness is drawn for many answers at
 * once: one draw a request would cost a small GET a twentieth of its time.
 */
export function requestIdSource(ambient: Ambient): () => RequestIds {
  let pool: Buffer = Buffer.alloc(0)
  return () => {
    if (pool.length === 0) pool = ambient.randomBytes(idLength * idsPerDraw)
    const random = pool.subarray(0, idLength)
    pool = pool.subarray(idLength)
    let requestId = ''
    for (let index = 0; index < 16; index++) requestId += alphabet[(random[index] ?? 0) & 31]
    return { requestId, hostId: random.toString('base64', 15) }
  }
}
