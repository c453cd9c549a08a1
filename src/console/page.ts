import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** The page in the two forms that are served. */
export interface Page {
  /** For this machine. */
  withToken: Buffer
  /** For others, who bring the control token. */
  withoutToken: Buffer
  /** Its Content-Security-Policy. */
  policy: string
}

const place = '<meta name="s3kms-token" content="">'

/**
 * Puts the token into the page, and makes both forms of it.
 * @param html the built page: one inline script, one inline style
 */
export function pageWithToken(html: string, token: string): Page {
  return {
    withToken: gzipSync(html.replace(place, `<meta name="s3kms-token" content="${token}">`)),
    withoutToken: gzipSync(html),
    policy: contentSecurityPolicy(html),
  }
}

/** Nothing from outside, and no script but the page's own: not even one that somebody stored as an object's name. */
function contentSecurityPolicy(html: string): string {
  const hashes = (name: string) => {
    const [, ...behind] = html.split(`<${name}>`)
    const texts = behind.map((text) => text.slice(0, text.indexOf(`</${name}>`)))
    const each = texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    return each.length > 0 ? each.join(' ') : "'none'"
  }
  return [
    "default-src 'none'",
    `script-src ${hashes('script')}`,
    `style-src ${hashes('style')}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    'frame-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
