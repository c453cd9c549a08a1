import { createHmac, type Hmac, scrypt } from 'node:crypto'
import { deriveKey, NotAuthentic, open, seal } from '../../crypto/aead.ts'
import { LabRefusal } from '../refusal.ts'

/*
 * What a passphrase makes of the chunks of a state file:
 *
 *   passphrase ──scrypt, salt──▶ secret ──HKDF──▶ key of the chunks    chunk n = AES-256-GCM, nonce = n
 *                                       └──HKDF──▶ key of the digest   HMAC over the whole file, header and end included
 *
 * Each file has a salt, and so keys, of its own: no nonce comes twice. The HMAC keeps chunks from being left out at the end.
 */

/** How a secret is made of a passphrase: in the header of the file. */
export interface Passphrase {
  salt: string
  /** scrypt's */
  cost: number
  blockSize: number
  parallelization: number
}

/** 128 MiB and some 300 ms for each guess, as OWASP wants it (Password Storage Cheat Sheet, scrypt). */
const cost = 2 ** 17
const blockSize = 8
const largestMemory = 512 << 20
/** Of a file that others made: so many times ours, in time. */
const longest = 16
const nonceSize = 12
const nothing = Buffer.alloc(0)

/** @param salt 16 random bytes */
export function newPassphrase(salt: Buffer): Passphrase {
  return { salt: salt.toString('base64'), cost, blockSize, parallelization: 1 }
}

/** Seals or opens the chunks of one file, in order. */
export class SealedChunks {
  readonly #chunkKey: Buffer
  readonly #digestKey: Buffer
  #count = 0

  private constructor(secret: Buffer) {
    this.#chunkKey = deriveKey(secret, nothing, 's3kms-emu state chunks 1')
    this.#digestKey = deriveKey(secret, nothing, 's3kms-emu state digest 1')
  }

  /** @throws LabRefusal when the file wants more memory than a file may */
  static async under(text: string, parameters: Passphrase): Promise<SealedChunks> {
    const { cost: N, blockSize: r, parallelization: p } = parameters
    const options = { N, r, p, maxmem: largestMemory }
    return new Promise((resolve, reject) => {
      const refuse = () => reject(new LabRefusal('wrong', 'The file is damaged: it says no way from passphrase to key'))
      if (N * r * p > longest * cost * blockSize) return refuse()
      try {
        scrypt(text.normalize('NFC'), Buffer.from(parameters.salt, 'base64'), 32, options, (error, secret) => {
          if (error) refuse()
          else resolve(new SealedChunks(secret))
        })
      } catch {
        refuse()
      }
      return undefined
    })
  }

  digest(): Hmac {
    return createHmac('sha256', this.#digestKey)
  }

  seal(chunk: Buffer): Buffer {
    return seal(this.#chunkKey, this.#nextNonce(), chunk)
  }

  /** @throws LabRefusal */
  open(sealed: Buffer): Buffer {
    const isFirst = this.#count === 0
    try {
      return open(this.#chunkKey, this.#nextNonce(), sealed)
    } catch (error) {
      if (!(error instanceof NotAuthentic)) throw error
      const words = isFirst ? 'The passphrase is another one, or the file is damaged' : 'The file is damaged'
      throw new LabRefusal('wrong', words)
    }
  }

  #nextNonce(): Buffer {
    const nonce = Buffer.alloc(nonceSize)
    nonce.writeUIntBE(this.#count++, nonceSize - 6, 6)
    return nonce
  }
}
