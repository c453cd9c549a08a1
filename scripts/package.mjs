// Makes dist/package/s3kms-emu-PLATFORM-ARCH: the bundle inside a node of its own (Node's single executable application), with
// LevelDB's addon as an asset. The node comes from npm's `node` package of version 24 (25 and later need libatomic on Linux);
// S3KMS_PACKAGE_NODE names another, and without a network the running one serves.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node24 } from './node-24.mjs'

const sentinel = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const { inject } = require('postject')
const isWindows = process.platform === 'win32'
const isMac = process.platform === 'darwin'

execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), '--no-types'], { stdio: 'inherit' })
const work = mkdtempSync(join(tmpdir(), 's3kms-emu-package-'))
try {
  await makeExecutable()
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function makeExecutable() {
  const node = findNode()
  const blob = makeBlob(node)
  const folder = join(root, 'dist/package')
  const executable = join(folder, `s3kms-emu-${process.platform}-${process.arch}${isWindows ? '.exe' : ''}`)
  mkdirSync(folder, { recursive: true })
  copyFileSync(node, executable)
  chmodSync(executable, 0o755)
  if (isMac) execFileSync('codesign', ['--remove-signature', executable])
  else strip(executable)
  await inject(executable, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: sentinel,
    ...(isMac ? { machoSegmentName: 'NODE_SEA' } : {}),
  })
  if (isMac) execFileSync('codesign', ['--sign', '-', executable])
  const version = execFileSync(executable, ['--version'], { encoding: 'utf8' }).trim()
  console.log(`${executable}: ${version}, ${(statSync(executable).size / 2 ** 20).toFixed(0)} MiB`)
}

function findNode() {
  if (process.env.S3KMS_PACKAGE_NODE) return process.env.S3KMS_PACKAGE_NODE
  try {
    return node24()
  } catch (error) {
    console.warn(`npm's node 24 is not to be had (${error.message.split('\n')[0]}): taking ${process.version}`)
    return process.execPath
  }
}

/** The code cache is version-bound, so the very node that will carry the blob makes it. */
function makeBlob(node) {
  const blob = join(work, 'program.blob')
  const configuration = join(work, 'program.json')
  const settings = {
    main: join(root, 'dist/s3kms-emu.cjs'),
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: { 'leveldb.node': addon() },
  }
  writeFileSync(configuration, JSON.stringify(settings))
  execFileSync(node, ['--experimental-sea-config', configuration], { stdio: ['ignore', 'ignore', 'inherit'] })
  return blob
}

function addon() {
  const folder = join(dirname(require.resolve('classic-level/package.json')), 'prebuilds')
  if (isMac) return join(folder, 'darwin-x64+arm64/classic-level.node')
  const name =
    process.platform === 'linux' && process.arch === 'arm64' ? 'classic-level.armv8.node' : 'classic-level.node'
  return join(folder, `${process.platform}-${process.arch}`, name)
}

/** Symbols are a fifth of node's size. Not every machine has `strip`; the executable works with them too. */
function strip(executable) {
  try {
    execFileSync('strip', [executable], { stdio: 'ignore' })
  } catch {
    console.warn('no strip on this machine: the executable keeps its symbols')
  }
}
