import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Access } from '../client.ts'
import { request } from '../request.ts'
import type { Finding } from './finding.ts'

/** A bucket that nobody has: who finds that it is missing has found it. */
const probe = 's3kms-emu-doctor-probe'
const pathStyle =
  'clients must be told: forcePathStyle (JavaScript), use_path_style (Go), addressing_style = path (CLI, boto3)'

/** Whether clients find a bucket in the host's name, or must put it into the path. */
export async function examineAddressing({ endpoint }: Access): Promise<Finding> {
  const check = 'addressing'
  const url = new URL(endpoint)
  if (isIP(url.hostname.replace(/^\[|\]$/g, ''))) {
    return {
      check,
      status: 'ok',
      found: 'path style, which SDKs take by themselves where the endpoint is an IP address',
    }
  }
  url.hostname = `${probe}.${url.hostname}`
  const address = await lookup(url.hostname).catch(() => undefined)
  if (!address)
    return { check, status: 'warning', found: `path style: ${url.hostname} is not resolved`, remedy: pathStyle }
  try {
    const { text } = await request(url, { trust: 'unverified' })
    if (text.includes(`<BucketName>${probe}</BucketName>`))
      return { check, status: 'ok', found: 'virtual-host style and path style' }
    const remedy = `start with --base-domain ${new URL(endpoint).hostname}; else ${pathStyle}`
    return {
      check,
      status: 'warning',
      found: `path style: ${url.hostname} comes here, but is no name of a bucket`,
      remedy,
    }
  } catch (error) {
    const found = `path style: ${url.hostname} is resolved, but not answered (${Object(error).message || error})`
    return { check, status: 'warning', found, remedy: pathStyle }
  }
}
