import type { TrailSettings } from './records/kinds.ts'

/*
 * Names of a trail's files (CloudTrail User Guide, "CloudTrail log file examples" and "CloudTrail digest file structure"; all times UTC):
 *
 *   [PREFIX/]AWSLogs/ACCOUNT/CloudTrail/REGION/2026/11/30/ACCOUNT_CloudTrail_REGION_20261130T0410Z_16LETTERSORDIGIT.json.gz
 *   [PREFIX/]AWSLogs/ACCOUNT/CloudTrail-Digest/REGION/2026/11/30/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOME_20261130T041000Z.json.gz
 */

type Named = Pick<TrailSettings, 'accountId' | 'prefix'>

const uniqueLength = 16
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * @param time ms since the epoch, of the delivery
 * @param chance 16 random bytes
 */
export function logFileKey({ accountId, prefix }: Named, region: string, time: number, chance: Uint8Array): string {
  const unique = [...chance.subarray(0, uniqueLength)].map((byte) => characters[byte % characters.length]).join('')
  const name = `${accountId}_CloudTrail_${region}_${compact(time).slice(0, 13)}Z_${unique}.json.gz`
  return `${folderOf({ accountId, prefix }, 'CloudTrail', region, time)}/${name}`
}

/** @param end ms since the epoch, of the time it tells of */
export function digestKey(
  trail: Named & Pick<TrailSettings, 'name' | 'homeRegion'>,
  region: string,
  end: number,
): string {
  const { accountId, name, homeRegion } = trail
  const file = `${accountId}_CloudTrail-Digest_${region}_${name}_${homeRegion}_${compact(end)}Z.json.gz`
  return `${folderOf(trail, 'CloudTrail-Digest', region, end)}/${file}`
}

/** Where all files of a kind are, of all Regions and days: `[PREFIX/]AWSLogs/ACCOUNT/CloudTrail/`. */
export function rootOf({ accountId, prefix }: Named, kind: 'CloudTrail' | 'CloudTrail-Digest'): string {
  return `${prefix === undefined ? '' : `${prefix}/`}AWSLogs/${accountId}/${kind}/`
}

function folderOf(named: Named, kind: Parameters<typeof rootOf>[1], region: string, time: number): string {
  const day = new Date(time).toISOString().slice(0, 10).replaceAll('-', '/')
  return `${rootOf(named, kind)}${region}/${day}`
}

/** `20261130T041000` */
function compact(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')
}
