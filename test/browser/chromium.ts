import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { test } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'

/* A real browser, where there is one on the PATH: headless Chromium with a profile of its own, gone when it is closed. */

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path))
if (!executablePath) console.warn('skipped: no Chromium on the PATH')

/** Journeys of a browser; skipped where there is none. */
export const withBrowser = executablePath ? test : test.skip

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Milliseconds: long for any machine, and an end for a test that waits for what does not come. */
export const patience = 180_000

/** @param rules Chromium's switches beyond those of every test */
export function openBrowser(...rules: string[]): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...flags, ...rules], timeout: patience })
}

/** A page that waits long enough for a busy machine: Playwright would give up after half a minute. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  return page
}

/** A web server with pages of its own, on this machine; names lead to it by `--host-resolver-rules`. */
export interface Site {
  port: number
  close(): void
}

/** @param render the page at a path; undefined: there is none */
export async function openSite(render: (path: string, asked: IncomingMessage) => string | undefined): Promise<Site> {
  const server = createServer((request, response) => {
    const html = render(request.url ?? '/', request)
    response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A form that is sent as a person would send it, with one file chosen. */
export function uploadForm(
  action: string,
  fields: Record<string, string>,
  content: string,
  fileName = 'a.txt',
): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`,
  )
  return `<!doctype html><meta charset="utf-8"><title>Upload</title>
    <form action="${action}" method="post" enctype="multipart/form-data">${inputs.join('')}<input type="file" name="file"></form>
    <script>
      const chosen = new DataTransfer()
      chosen.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(fileName)}, { type: 'text/plain' }))
      document.querySelector('input[type=file]').files = chosen.files
      document.querySelector('form').submit()
    </script>`
}
