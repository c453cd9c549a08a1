import { isIP } from 'node:net'
import type { ForeignPage, HttpAnswer, HttpCall } from '../protocol/http.ts'
import { isLoopbackAddress, isLoopbackName, nameOfHost } from '../protocol/loopback.ts'
import { remembering } from '../protocol/remembered.ts'
import type { Choose } from './listener.ts'

/*
 * A browser sends what any page asks of it, so pages of others reach an emulator that listens on this machine alone:
 *
 *   page of another site   Origin, or Sec-Fetch-Site: cross-site    only a known key's signature lets it in (protocol/known-key.ts)
 *   rebound name           Host: evil.example, from this machine    refused: the browser takes us for the page's own server
 *   page in a bucket       same origin as /_s3kms/                  refused there, as every browser is (control.ts)
 *
 * docs/security.md says what is allowed and why.
 */

export interface BrowserGuardOptions {
  /** Origins whose pages may call, as browsers write them. */
  allowOrigins: readonly string[]
  /** Names of this machine, and what lies under them. */
  baseDomains: readonly string[]
  /** Answers what no service is to see, in the protocol of whom it is meant for. */
  deny: (call: HttpCall, message: string) => HttpAnswer
}

/**
 * Names that no author of a page can have resolve to this machine: AWS's own, for clients that come through a proxy or a hosts
 * file, and those under which containers find the machine they run on (their connections may come from 127.0.0.1).
 */
const builtInDomains = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'host.docker.internal',
  'host.containers.internal',
  // Its owner has all of it resolve to 127.0.0.1.
  'localhost.localstack.cloud',
]
const rememberedHosts = 1000

export interface BrowserGuard {
  /** Put before the choice of who answers. */
  guarded(choose: Choose): Choose
  /** Why a connection from an address may not name that host; undefined: it may. */
  refusalOfHost(clientAddress: string, host: string): string | undefined
}

/** A guard with the settings of one emulator. */
export function createBrowserGuard(options: BrowserGuardOptions): BrowserGuard {
  const isOwnHost = ownHosts(options.baseDomains)
  const refusalOfHost: BrowserGuard['refusalOfHost'] = (clientAddress, host) =>
    !isOwnHost(host) && isLoopbackAddress(clientAddress) ? foreignHost(host) : undefined
  const foreignPageOf = foreignPages(new Set(options.allowOrigins))
  const guarded: BrowserGuard['guarded'] = (choose) => (call, incoming) => {
    const refusal = refusalOfHost(call.clientAddress, call.headers.host ?? '')
    if (refusal !== undefined) return async () => options.deny(call, refusal)
    const endpoint = choose(call, incoming)
    const page = foreignPageOf(call)
    if (page === undefined) return endpoint
    const foreignPage = describe(page)
    return () => endpoint({ ...call, foreignPage })
  }
  return { guarded, refusalOfHost }
}

/** Clients name the same few hosts over and over, so what was found of them is remembered. */
function ownHosts(baseDomains: readonly string[]): (host: string) => boolean {
  const domains = [...baseDomains.map((domain) => domain.toLowerCase()), ...builtInDomains]
  const remembered = remembering<boolean>(rememberedHosts)
  const derive = (host: string) => isOwnName(nameOfHost(host), domains)
  return (host) => remembered(host, derive)
}

/** An address cannot be rebound, and a client of HTTP/1.0 may name none: a browser always does. */
function isOwnName(name: string, domains: readonly string[]): boolean {
  if (name === '' || isIP(name) !== 0 || isLoopbackName(name)) return true
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`))
}

const ownSites: ReadonlySet<unknown> = new Set(['none', 'same-origin', 'same-site'])
const unknownPage = 'ORIGIN'

/**
 * Whose page sent a request: its origin, `ORIGIN` where the browser keeps that back, undefined for none and for our own.
 * An image or a link has no Origin, and between two ports of this machine it is `cross-site` when one is called localhost and the
 * other 127.0.0.1. Then the Referer decides: a page can leave it out, but cannot name a page that is not its own.
 */
function foreignPages(allowed: ReadonlySet<string>): (call: HttpCall) => string | undefined {
  const isOwn = (origin: string) => allowed.has(origin) || isLoopbackOrigin(origin)
  return ({ headers }) => {
    const { origin, 'sec-fetch-site': site } = headers
    if (origin !== undefined) return isOwn(origin) ? undefined : origin
    if (site === undefined || ownSites.has(site)) return undefined
    const page = originOf(headers.referer ?? '')
    return page !== undefined && isOwn(page) ? undefined : (page ?? unknownPage)
  }
}

function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

/** Any port, and any server of this machine, is its own site: who can listen here needs no browser. */
function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  return (protocol === 'http:' || protocol === 'https:') && isLoopbackName(nameOfHost(host))
}

function foreignHost(host: string): string {
  const name = nameOfHost(host)
  return `'${name}' is no name of this machine: a web page may have rebound it. If it is yours, start with --base-domain ${name}`
}

function describe(page: string): ForeignPage {
  const origin = page === unknownPage ? undefined : page
  const name = origin === undefined ? 'A web page of another site' : `A web page of ${origin}`
  const refusal = `${name} may not call this emulator. If it is yours, start with --allow-origin ${page}, or sign with an access key of your own (not test)`
  return { origin, refusal }
}
