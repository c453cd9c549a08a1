// Waits until the program whose output is in the given file says where it listens, then asks for its health.
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

const [, , file] = process.argv
const endpoint = await readyEndpoint()
const response = await fetch(`${endpoint}/_s3kms/health`)
console.log(response.status, await response.text())
if (response.status !== 200) process.exit(1)

async function readyEndpoint() {
  for (let attempt = 0; attempt < 12_000; attempt++) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(await readFile(file, 'utf8'))
    if (found) return found[0]
    await pause(50)
  }
  throw new Error(`no endpoint in ${file} after 10 min`)
}
