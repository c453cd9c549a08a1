// `npm run contract`: the tables of test/contract are asked of the emulator, by Jest; with S3KMS_TEST_TARGET=aws of AWS
// (docs/contract.md), in this process, so that Ctrl-C takes away what was made.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const words = process.argv.slice(2)
const target = process.env.S3KMS_TEST_TARGET ?? 'emulator'
if (target === 'emulator') process.exitCode = askEmulator()
else if (target === 'aws') process.exitCode = await askAws()
else throw new Error(`S3KMS_TEST_TARGET is emulator or aws, not ${target}`)

function askEmulator() {
  const jest = fileURLToPath(new URL('jest.mjs', import.meta.url))
  const { status, error } = spawnSync(process.execPath, [jest, 'journeys', 'test/contract', ...words], {
    stdio: 'inherit',
  })
  if (error) throw error
  return status ?? 1
}

async function askAws() {
  await import('./typescript.mjs')
  const { record } = await import('../test/contract/record.ts')
  const print = (line) => process.stdout.write(`${line}\n`)
  try {
    return await record(words, { environment: process.env, print, signal: stopped(print) })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 2
  }
}

/** By Ctrl-C once; twice ends at once, and what stays is taken away by --clean. */
function stopped(print) {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      print(
        'Stopping: what was made is taken away. Again to end at once: npm run contract -- --clean takes the rest away',
      )
      controller.abort()
    })
  }
  return controller.signal
}
