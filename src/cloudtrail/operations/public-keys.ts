import { string, structure, timestamp } from '../../protocol/shapes.ts'
import { cloudTrailErrors } from '../errors.ts'
import { cloudTrailOperation } from '../operation.ts'
import { publicKeysWithin } from '../signing-key.ts'

/** The keys that verify digests: those of a time, or of now. */
export const ListPublicKeys = cloudTrailOperation({
  name: 'ListPublicKeys',
  input: structure({ StartTime: timestamp(), EndTime: timestamp(), NextToken: string() }),
  readOnly: true,
  on: () => '*',
  differs: 'each account has keys of its own; there is none before the first digest',
  async handle(call, { StartTime, EndTime, NextToken }) {
    if (NextToken !== undefined) throw cloudTrailErrors.InvalidTokenException()
    const { accountId, region, services, now } = call
    const from = StartTime ?? EndTime ?? now
    const to = EndTime ?? Math.max(now, from)
    if (from > to) throw cloudTrailErrors.InvalidTimeRangeException()
    const keys = await publicKeysWithin(services, [accountId, region], [from, to])
    return {
      PublicKeyList: keys.map(({ value, fingerprint, since, until }) => ({
        Value: value,
        ValidityStartTime: since / 1000,
        ValidityEndTime: until / 1000,
        Fingerprint: fingerprint,
      })),
    }
  },
})
