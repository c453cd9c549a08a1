import type { HttpAnswer } from '../../protocol/http.ts'
import { encodeUriPath } from '../../protocol/uri.ts'
import type { RoutingRule, Website } from '../configurations/bucket-website.ts'
import { headerText } from './header-text.ts'
import { targetOf, type Visit } from './visit.ts'

/*
 * Where a website sends its visitors:
 *
 *   everything     PROTOCOL://HOST + path and query as they were sent
 *   by a rule      PROTOCOL://HOST/ + a key in place of the key, a prefix in place of the rule's prefix, or the key as it was sent
 *   by an object   as its x-amz-website-redirect-location has it
 *
 * What is not said is as in the request: its host with its port, http or https. Source: "Configuring a webpage redirect" and "Redirection
 * rules" in the Amazon S3 User Guide (evidence: s3-website-rules).
 */

export interface Redirection {
  status: number
  location: string
}

/** An answer without a body. */
export function redirect({ status, location }: Redirection): HttpAnswer {
  return { status, headers: { location } }
}

/** Where everything is sent. */
export function redirectionOfAll(visit: Visit, all: NonNullable<Website['RedirectAllRequestsTo']>): Redirection {
  const location = `${all.Protocol ?? protocolOf(visit)}://${headerText(all.HostName)}${targetOf(visit)}`
  return { status: 301, location: headerText(location) }
}

/** The rules that a key can fit, in their order; the front page is the empty key. */
export function rulesFor(key: string, { RoutingRules = [] }: Website): RoutingRule[] {
  return RoutingRules.filter(({ Condition }) => key.startsWith(Condition?.KeyPrefixEquals ?? ''))
}

/** Whether a rule is for answers of a status alone. */
export function isForErrors({ Condition }: RoutingRule): boolean {
  return Condition?.HttpErrorCodeReturnedEquals !== undefined
}

/** @param status that the key was found to have */
export function ruleFor(status: number, rules: readonly RoutingRule[]): RoutingRule | undefined {
  return rules.find((rule) => !isForErrors(rule) || rule.Condition?.HttpErrorCodeReturnedEquals === String(status))
}

/** Where a rule sends whom it fits. */
export function redirectionByRule(visit: Visit, rule: RoutingRule): Redirection {
  const { Protocol, HostName, HttpRedirectCode } = rule.Redirect
  const host = HostName === undefined ? `${visit.call.headers.host ?? ''}${visit.base}` : headerText(HostName)
  const location = `${Protocol ?? protocolOf(visit)}://${host}${newTarget(visit, rule)}`
  return { status: Number(HttpRedirectCode ?? 301), location: headerText(location) }
}

function newTarget(visit: Visit, { Condition, Redirect }: RoutingRule): string {
  const { ReplaceKeyWith, ReplaceKeyPrefixWith } = Redirect
  if (ReplaceKeyWith !== undefined) return `/${ReplaceKeyWith}`
  if (ReplaceKeyPrefixWith === undefined) return targetOf(visit)
  const rest = visit.key.slice(Condition?.KeyPrefixEquals?.length ?? 0)
  const query = visit.call.query === '' ? '' : `?${visit.call.query}`
  return `/${ReplaceKeyPrefixWith}${encodeUriPath(rest)}${query}`
}

/** Where an object sends its visitors. */
export function redirectionOfObject({ base }: Visit, location: string): Redirection {
  return { status: 301, location: headerText(location.startsWith('/') ? base + location : location) }
}

function protocolOf({ call }: Visit): string {
  return call.secure ? 'https' : 'http'
}
