import { createHash } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { Client } from '../client.mjs'
import { kmsHeaders } from '../load.mjs'
import { startProgram } from '../program.mjs'

/* Large bodies at once, in and out, through little memory. */

const piece = Buffer.alloc(1 << 20)
for (let index = 0; index < piece.length; index++) piece[index] = (index * 31 + (index >> 8)) & 0xff
const mostResident = 400

async function run({ folder, isLong, fault, figure, skip }) {
  const [count, mebibytes] = isLong ? [16, 512] : [4, 64]
  const { bavail, bsize } = await statfs(folder)
  if ((bavail * bsize) / 2 ** 20 < count * mebibytes * 1.5) return skip('too little room on the disk')
  const program = await startProgram({ folder })
  const client = new Client(program)
  const { output } = await client.kms('CreateKey', {})
  await client.ok('PUT', '/big')
  const numbers = Array.from({ length: count }, (_, index) => index)
  const headersOf = (index) => [{}, kmsHeaders(output.KeyMetadata.KeyId)][index % 2]
  const up = await timed(() =>
    Promise.all(
      numbers.map((index) =>
        client.upload(`/big/${index}`, mebibytes << 20, pieces(index, mebibytes), headersOf(index)),
      ),
    ),
  )
  const afterUploads = program.peak()
  const down = await timed(() => Promise.all(numbers.map((index) => compare(client, index, mebibytes, fault))))
  const peak = program.peak()
  await program.stop()
  if (peak > mostResident) fault(`${peak} MiB resident, more than ${mostResident}`)
  const speed = (seconds) => `${((count * mebibytes) / seconds).toFixed(0)} MiB/s`
  figure(`${count} × ${mebibytes} MiB in, out, half of them under SSE-KMS`, `${speed(up)}, ${speed(down)}`)
  figure('resident at most: uploads, all', `${afterUploads}, ${peak} MiB`)
}

/** Each piece differs from the others of all objects in its first bytes. */
function* pieces(index, count) {
  for (let number = 0; number < count; number++) {
    const one = Buffer.from(piece)
    one.writeUInt32BE(index, 0)
    one.writeUInt32BE(number, 4)
    yield one
  }
}

async function compare(client, index, mebibytes, fault) {
  const wanted = createHash('sha1')
  const found = createHash('sha1')
  const source = pieces(index, mebibytes)
  let left = mebibytes << 20
  await client.download(`/big/${index}`, (chunk) => {
    found.update(chunk)
    left -= chunk.length
  })
  for (const one of source) wanted.update(one)
  if (left !== 0 || !wanted.digest().equals(found.digest())) fault(`/big/${index} came back otherwise`)
}

async function timed(work) {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

export const big = { name: 'big', what: 'large bodies at once through little memory', minutes: 3, run }
