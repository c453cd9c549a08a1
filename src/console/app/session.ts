import { decoded } from './address.ts'

/*
 * By what this page proves itself: the token in its HTML (on this machine), or the control token, which somebody entered or which came
 * in the link's fragment (`#token=…`, never sent to a server). The latter stays until the tab is closed.
 */

const storedAs = 's3kms-control-token'
const pageToken = document.querySelector('meta[name="s3kms-token"]')?.getAttribute('content') ?? ''

takeFromLink()

function takeFromLink(): void {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1]
  if (token === undefined) return
  keepControlToken(decoded(token))
  history.replaceState(null, '', location.pathname)
}

/** Whether the page came with its token: it is on this machine. */
export function isAtThisMachine(): boolean {
  return pageToken !== ''
}

export function keepControlToken(token: string): void {
  sessionStorage.setItem(storedAs, token)
}

/** Whether there is anything to prove oneself by. */
export function hasToken(): boolean {
  return pageToken !== '' || sessionStorage.getItem(storedAs) !== null
}

export function tokenHeaders(): Record<string, string> {
  const control = sessionStorage.getItem(storedAs)
  if (pageToken !== '') return { 'x-s3kms-console': pageToken }
  return control === null ? {} : { authorization: `Bearer ${control}` }
}
