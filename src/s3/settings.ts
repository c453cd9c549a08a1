/** What the emulator was started with, as far as S3 asks for it. */
export interface S3Settings {
  accountId: string
  region: string
  bucketDefaults: 'classic' | '2023' | 'current'
  /** Domains under which `BUCKET.DOMAIN` addresses a bucket, beside the built-in ones. */
  baseDomains: readonly string[]
  requireTlsForSseC: boolean
  /** ms of the clock that a bucket-level data key serves */
  bucketKeyLifetime: number
  /** ms of the clock until a restored copy is there; undefined: as AWS, by class and tier */
  restoreTime?: number
  /** Where notifications go whose destination has no address of its own. */
  notifyUrl?: string
}
