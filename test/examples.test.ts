import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from '@jest/globals'
import { parse, parseAllDocuments } from 'yaml'
import { optionTable } from '../src/options.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })

test.each(files.filter((file) => /\.(ya?ml|json)$/.test(file)))(
  'The example %s can be read, and its variables are options',
  (file) => {
    const text = readFileSync(join(root, 'examples', file), 'utf8')
    expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([])
    const known = new Set(optionTable.map(({ variable }) => variable))
    expect([...new Set(text.match(/S3KMS_\w+/g) ?? [])].filter((name) => !known.has(name))).toEqual([])
  },
)

interface Action {
  runs: { steps: { run: string }[] }
}

/** The steps of the action by themselves, with this build in the place of the package. */
test('The action starts an emulator, waits for it and hands its variables on', async () => {
  const action: Action = parse(readFileSync(join(root, 'action.yml'), 'utf8'))
  const npx = join(folder, 'npx')
  writeFileSync(npx, `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${join(root, 'dist/s3kms-emu.cjs')}" "$@"\n`)
  chmodSync(npx, 0o755)
  const port = String(await freePort())
  const [environment, output] = [join(folder, 'environment'), join(folder, 'output')]
  const script = spawn('bash', ['-eo', 'pipefail', '-c', action.runs.steps.map(({ run }) => run).join('\n')], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PATH: `${folder}:${process.env.PATH}`,
      PACKAGE: 's3kms-emu@latest',
      OPTIONS: '--ephemeral --buckets uploads',
      WAIT: '60s',
      S3KMS_PORT: port,
      S3KMS_CONSOLE_PORT: 'off',
      RUNNER_TEMP: folder,
      GITHUB_ENV: environment,
      GITHUB_OUTPUT: output,
    },
    stdio: 'ignore',
  })
  const [code] = await once(script, 'exit')
  const health = await fetch(`http://127.0.0.1:${port}/_s3kms/health`)
  process.kill(Number(readFileSync(join(folder, 's3kms-emu.pid'), 'utf8')))
  expect(code).toBe(0)
  expect(await health.json()).toMatchObject({ status: 'ok', counts: { buckets: 1 } })
  expect(readFileSync(output, 'utf8')).toBe(`endpoint=http://127.0.0.1:${port}\n`)
  expect(readFileSync(environment, 'utf8')).toContain(
    `AWS_ENDPOINT_URL=http://127.0.0.1:${port}\nAWS_ACCESS_KEY_ID=test\n`,
  )
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
