import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { refusalOfData, refusalOfPage, tokenHeader } from './guard.ts'

const tokens = { page: 'of-the-page', control: undefined }
const withControl = { page: 'of-the-page', control: 'of-control' }
const own = { host: '127.0.0.1:4567', [tokenHeader]: 'of-the-page' }

function asked(headers: Record<string, string>, remoteAddress = '127.0.0.1'): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  return Object.assign(new IncomingMessage(socket), { headers })
}

test('The page is for this machine, and for others where there is a control token', () => {
  expect(refusalOfPage(asked({ host: 'localhost:4567' }), tokens)).toBeUndefined()
  expect(refusalOfPage(asked({ host: 'localhost:4567' }, '172.17.0.1'), tokens)).toMatch(/^Only this machine/)
  expect(refusalOfPage(asked({ host: 'rebound.test' }), tokens)).toMatch(/^Only this machine/)
  expect(refusalOfPage(asked({ host: 'rebound.test' }, '172.17.0.1'), withControl)).toBeUndefined()
})

test('Data is for who has the page’s token', () => {
  expect(refusalOfData(asked(own), tokens)).toBeUndefined()
  expect(
    refusalOfData(asked({ ...own, origin: 'http://127.0.0.1:4567', 'sec-fetch-site': 'same-origin' }), tokens),
  ).toBeUndefined()
})

test.each([
  ['no token', { [tokenHeader]: '' }],
  ['a token that is nearly it', { [tokenHeader]: 'of-the-pagf' }],
  ['a page of another port', { origin: 'http://127.0.0.1:4566' }],
  ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
  ['a page of the same site, which is another port', { 'sec-fetch-site': 'same-site' }],
  ['a page without an origin', { origin: 'null' }],
  ['a rebound name', { host: 'rebound.test:4567', origin: 'http://rebound.test:4567' }],
])('Data is refused to %s', (_, changed) => {
  expect(refusalOfData(asked({ ...own, ...changed }), tokens)).toMatch(/./)
})

test('From another machine the page’s token counts for nothing: the control token does', () => {
  const { [tokenHeader]: _, ...others } = own
  expect(refusalOfData(asked(own, '172.17.0.1'), withControl)).toMatch(/./)
  expect(
    refusalOfData(asked({ ...others, authorization: 'Bearer of-control' }, '172.17.0.1'), withControl),
  ).toBeUndefined()
  expect(refusalOfData(asked({ ...others, authorization: 'Bearer of-contro' }, '172.17.0.1'), withControl)).toMatch(/./)
  expect(refusalOfData(asked({ ...others, authorization: 'Bearer undefined' }, '172.17.0.1'), tokens)).toMatch(/./)
})
