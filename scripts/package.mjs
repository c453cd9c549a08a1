// `npm run package [-- --target linux-arm64 …]`: makes dist/package/s3kms-emu-PLATFORM-ARCH, the bundle inside a Node of its own, and the
// checksums of what is there. pkg (@yao-pkg/pkg) makes it, in its plain `--sea` mode, of three things:
//
//   node of version 24   from npm (25 and later need libatomic on Linux); S3KMS_PACKAGE_NODE names another for this machine
//   dist/s3kms-emu.cjs   compiled already where the executable is for this machine
//   leveldb.node         as an asset, which scripts/leveldb-binding.cjs extracts, and looks at before it loads it
//
// docs/decisions.md says why it is not pkg's other mode, in which pkg itself would extract the addon.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machines, thisMachine } from './machines.mjs'
import { nodeFromNpm } from './node-from-npm.mjs'
import { noticeOfExecutable } from './notice.mjs'

const leastNodeOfPkg = 22
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'dist/package')
/** pkg looks for its binaries in `.pkg-cache` of the home folder, and would download them from nodejs.org. */
const pkgHome = join(root, 'node_modules/.cache/s3kms-emu/pkg')

if (Number.parseInt(process.versions.node, 10) < leastNodeOfPkg) {
  const again = spawnSync(nodeFromNpm('24'), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  process.exit(again.status ?? 1)
}

const { target: targets = [thisMachine] } = parseArgs({
  options: { target: { type: 'string', multiple: true } },
}).values
execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), '--no-types'], { stdio: 'inherit' })
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const notice = writeNotice()
for (const target of targets) await makeExecutable(target)
writeChecksums()

async function makeExecutable(target) {
  const machine = machines[target]
  if (!machine) throw new Error(`--target must be one of ${Object.keys(machines).join(', ')}, not ${target}`)
  const output = join(folder, `s3kms-emu-${machine.shown}`)
  const version = offerNode(target)
  // The blob's layout belongs to one version of Node: a node of this machine and of that version must write it.
  if (target !== thisMachine) offerNode(thisMachine, version)
  await inHomeOfPkg(() => callPkg(target, version, output))
  console.log(`${output}: ${target === thisMachine ? proof(output) : 'not run here'}, ${megabytes(output)}`)
}

/** The mode of `pkg --sea` for a program without a package.json; only from here can it be given assets. */
async function callPkg(target, version, output) {
  const { pkg: platform, addon } = machines[target]
  const { default: makeSea } = createRequire(import.meta.url)('@yao-pkg/pkg/lib-es5/sea.js')
  await makeSea(join(root, 'dist/s3kms-emu.cjs'), {
    signature: true,
    targets: [{ platform, arch: target.split('-')[1], nodeRange: `node${version}`, output }],
    seaConfig: {
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: target === thisMachine,
      assets: { 'leveldb.node': join(root, 'dist/prebuilds', addon), NOTICE: notice },
    },
  })
}

/**
 * Puts a node where pkg looks for what it has downloaded and verified; npm has verified this one.
 * @returns its version, without `v`
 */
function offerNode(target, wanted) {
  const given = target === thisMachine && wanted === undefined ? process.env.S3KMS_PACKAGE_NODE : undefined
  const binary = given ?? nodeFromNpm(wanted ?? '24', target)
  const version = wanted ?? versionOf(binary, target)
  const [platform, arch] = target.split('-')
  const name = `node-v${version}-${platform === 'win32' ? 'win' : platform}-${arch}`
  const downloads = join(pkgHome, '.pkg-cache/sea')
  const place = platform === 'win32' ? join(downloads, `${name}.exe`) : join(downloads, name, 'bin/node')
  const archive = join(downloads, `${name}${platform === 'win32' ? '.zip' : '.tar.gz'}`)
  mkdirSync(dirname(place), { recursive: true })
  copyFileSync(binary, `${place}.part`)
  // Elsewhere it would take names that the addon asks for.
  if (platform === 'linux') strip(`${place}.part`)
  renameSync(`${place}.part`, place)
  for (const file of [archive, `${archive}.ok`, `${place}.ok`]) writeFileSync(file, '')
  return version
}

function versionOf(binary, target) {
  if (target === thisMachine) return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  return JSON.parse(readFileSync(join(dirname(dirname(binary)), 'package.json'), 'utf8')).version.replace(/^v/, '')
}

/** Symbols are a tenth of a node. Not every machine has a `strip`, or one for the other's files; it works with them too. */
function strip(executable) {
  const { status } = spawnSync('strip', [executable], { stdio: 'ignore' })
  if (status !== 0) console.warn('it keeps its symbols: there is no strip for it here')
}

async function inHomeOfPkg(work) {
  const { HOME, USERPROFILE } = process.env
  Object.assign(process.env, { HOME: pkgHome, USERPROFILE: pkgHome })
  try {
    await work()
  } finally {
    for (const [name, value] of Object.entries({ HOME, USERPROFILE })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

function proof(executable) {
  return execFileSync(executable, ['--version'], { encoding: 'utf8' }).trim()
}

function megabytes(file) {
  return `${(statSync(file).size / 1e6).toFixed(0)} MB`
}

/** With the licence of the node inside. @returns its path */
function writeNotice() {
  const node = process.env.S3KMS_PACKAGE_NODE ?? nodeFromNpm('24')
  const places = [dirname(dirname(node)), dirname(node)].map((place) => join(place, 'LICENSE'))
  const license = places.find((path) => existsSync(path))
  if (!license) throw new Error(`the licence of Node.js is not beside ${node}`)
  const file = join(folder, 'NOTICE')
  writeFileSync(
    file,
    noticeOfExecutable(readFileSync(join(root, 'dist/NOTICE'), 'utf8'), readFileSync(license, 'utf8')),
  )
  return file
}

/** In the form that `sha256sum --check` reads. */
function writeChecksums() {
  const lines = readdirSync(folder).map((name) => {
    return `${createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')}  ${name}\n`
  })
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
}
