import { beforeAll, expect } from '@jest/globals'
import { withBrowser } from '../browser/chromium.ts'
import { axeFaults, shareConsole } from './console-page.ts'

/* Every view with something in it, on a telephone and on a large screen, in light and in dark. */

const shared = shareConsole('--fixtures', 'fixtures/permissions.yaml')
let keyId: string

beforeAll(async () => {
  keyId = await shared.watched.page.evaluate(async () => {
    const token = document.querySelector('meta[name="s3kms-token"]')?.getAttribute('content') ?? ''
    const headers = { 'x-s3kms-console': token }
    const kms = async (operation: string, input: object) => {
      const sent = {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }
      return (await fetch(`/api/kms/${operation}`, sent)).json()
    }
    const s3 = (method: string, path: string, more = {}, body?: string) =>
      fetch(`/s3/${path}`, { method, headers: { ...headers, ...more }, body })
    const { KeyMetadata } = await kms('CreateKey', {})
    const { KeyId } = KeyMetadata
    await kms('CreateAlias', { AliasName: 'alias/shown', TargetKeyId: KeyId })
    await kms('RotateKeyOnDemand', { KeyId })
    await s3('PUT', 'shown')
    const sealed = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': KeyId }
    await s3('PUT', 'shown/folder/a.txt', sealed, 'a')
    await s3('GET', 'shown/folder/a.txt')
    await kms('DisableKey', { KeyId })
    await s3('GET', 'shown/folder/a.txt')
    return KeyId
  })
})

/** The address of each view, and a text that shows when it is there. */
const views: [name: string, address: () => string, shown: string][] = [
  ['Buckets', () => 'objects', 'shown'],
  ['Objects', () => 'objects/shown?list=true', 'folder/a.txt'],
  ['An object', () => 'objects/shown?key=folder%2Fa.txt', 'alias/shown'],
  ['Settings', () => 'objects/shown/settings', 'shown'],
  ['Keys', () => 'keys', 'alias/shown'],
  ['A key', () => `keys/us-east-1/${keyId}`, 'Who used it lately'],
  ['Keys that are not found', () => 'keys?find=nothing', 'No alias begins like that'],
  ['Calls', () => 'calls', 'DisabledException'],
  ['Calls that are not found', () => 'calls?error=Nothing', 'No call is like that'],
  ['Access', () => 'access', 'Users and roles'],
  ['Lab', () => 'lab', 'Nothing goes wrong on purpose'],
]

withBrowser.each(views)(
  '%s: axe has nothing against it, and it is as wide as the screen',
  async (_, address, shown) => {
    const { page } = shared.watched
    await page.goto(`${shared.running.url}/#/${address()}`)
    await page.locator('main').getByText(shown).filter({ visible: true }).first().waitFor()
    for (const width of [360, 1600]) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect([width, colorScheme, await axeFaults(page)]).toEqual([width, colorScheme, []])
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
    expect([shared.watched.faults, shared.watched.outside]).toEqual([[], []])
  },
)

withBrowser('A refused call opens its record and its reasons: nothing in it is wider than the screen', async () => {
  const { page } = shared.watched
  await page.setViewportSize({ width: 360, height: 900 })
  await page.goto(`${shared.running.url}/#/calls?error=DisabledException`)
  await page.getByRole('link', { name: 'Decrypt' }).first().click()
  await page.getByRole('heading', { name: 'Record' }).waitFor()
  expect(await axeFaults(page)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
})
