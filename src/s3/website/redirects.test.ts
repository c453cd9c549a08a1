import { expect, test } from '@jest/globals'
import { callInProcess } from '../../protocol/http.ts'
import type { RoutingRule } from '../configurations/bucket-website.ts'
import { websiteEndpoint } from './errors.ts'
import {
  isForErrors,
  redirect,
  redirectionByRule,
  redirectionOfAll,
  redirectionOfObject,
  ruleFor,
  rulesFor,
} from './redirects.ts'
import type { Visit } from './visit.ts'

function visitTo(target: string, { base = '', secure = false, key = '' } = {}): Visit {
  const call = { ...callInProcess({ method: 'GET', target, headers: { host: 'site.test:80' } }), secure }
  return { call, bucket: 'b', key, base }
}

const to = (Redirect: RoutingRule['Redirect'], Condition?: RoutingRule['Condition']): RoutingRule => ({
  Redirect,
  Condition,
})

test.each<[string, Visit, RoutingRule, number, string]>([
  ['nothing is said', visitTo('/a?b'), to({}), 301, 'http://site.test:80/a?b'],
  ['over TLS', visitTo('/a', { secure: true }), to({}), 301, 'https://site.test:80/a'],
  ['a protocol', visitTo('/a', { secure: true }), to({ Protocol: 'http' }), 301, 'http://site.test:80/a'],
  ['a host', visitTo('/a'), to({ HostName: 'h', HttpRedirectCode: '307' }), 307, 'http://h/a'],
  ['a key', visitTo('/a?b', { key: 'a' }), to({ ReplaceKeyWith: 'c d' }), 301, 'http://site.test:80/c d'],
  ['an empty key', visitTo('/a', { key: 'a' }), to({ ReplaceKeyWith: '' }), 301, 'http://site.test:80/'],
  [
    'a prefix',
    visitTo('/a/b%20c?d', { key: 'a/b c' }),
    to({ ReplaceKeyPrefixWith: 'x/' }, { KeyPrefixEquals: 'a/' }),
    301,
    'http://site.test:80/x/b%20c?d',
  ],
  [
    'a prefix without a condition',
    visitTo('/a', { key: 'a' }),
    to({ ReplaceKeyPrefixWith: 'x/' }),
    301,
    'http://site.test:80/x/a',
  ],
  ['a bucket in the path', visitTo('/b/a?c', { base: '/b' }), to({}), 301, 'http://site.test:80/b/a?c'],
  ['another host leaves it', visitTo('/b/a', { base: '/b' }), to({ HostName: 'h' }), 301, 'http://h/a'],
  ['the bucket alone', visitTo('/b', { base: '/b' }), to({ HostName: 'h' }), 301, 'http://h/'],
  ['a host of other letters', visitTo('/'), to({ HostName: 'ü.test\r\n' }), 301, 'http://%C3%BC.test%0D%0A/'],
])('A rule redirects: %s', (_, visit, rule, status, location) => {
  expect(redirectionByRule(visit, rule)).toEqual({ status, location })
})

test('Everything is redirected with path and query, the protocol being that of the request', () => {
  expect(redirectionOfAll(visitTo('/a%20b/?c'), { HostName: 'h:1' }).location).toBe('http://h:1/a%20b/?c')
  expect(redirectionOfAll(visitTo('/', { secure: true }), { HostName: 'h' }).location).toBe('https://h/')
  const fixed = redirectionOfAll(visitTo('/b/a', { secure: true, base: '/b' }), { HostName: 'h', Protocol: 'http' })
  expect(fixed).toEqual({ status: 301, location: 'http://h/a' })
})

test('An object redirects inside its site, or elsewhere', () => {
  expect(redirectionOfObject(visitTo('/x'), '/y').location).toBe('/y')
  expect(redirectionOfObject(visitTo('/b/x', { base: '/b' }), '/y').location).toBe('/b/y')
  expect(redirectionOfObject(visitTo('/b/x', { base: '/b' }), 'https://h/ü?%20').location).toBe('https://h/%C3%BC?%20')
})

test('Rules fit by prefix, then by status; the first counts', () => {
  const [any, docs, missing, docsMissing] = [
    to({}),
    to({}, { KeyPrefixEquals: 'docs/' }),
    to({}, { HttpErrorCodeReturnedEquals: '404' }),
    to({}, { HttpErrorCodeReturnedEquals: '404', KeyPrefixEquals: 'docs/' }),
  ]
  const rules = [docsMissing, missing, docs, any]
  expect(rulesFor('docs/a', { RoutingRules: rules })).toEqual(rules)
  expect(rulesFor('docs', { RoutingRules: rules })).toEqual([missing, any])
  expect(rulesFor('a', {})).toEqual([])
  expect(rules.map(isForErrors)).toEqual([true, true, false, false])
  expect(ruleFor(404, rules)).toBe(docsMissing)
  expect(ruleFor(200, rules)).toBe(docs)
  expect(ruleFor(403, [missing])).toBeUndefined()
})

test('A redirect has its status and its place alone', () => {
  expect(redirect({ status: 302, location: '/' })).toEqual({ status: 302, headers: { location: '/' } })
})

test.each([
  ['eu-west-1', 'b.s3-website-eu-west-1.amazonaws.com'],
  ['eu-central-1', 'b.s3-website.eu-central-1.amazonaws.com'],
])('In %s a website is at %s', (region, host) => {
  expect(websiteEndpoint('b', region)).toBe(host)
})
