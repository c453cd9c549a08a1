// Loads LevelDB's addon, in this order: S3KMS_LEVELDB_ADDON (a path, for machines that may not run files from the temporary
// folder), the asset inside the single executable, `prebuilds/` beside the bundle. `executable` comes from bundle-banner.cjs.
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

module.exports = load()

function load() {
  if (process.env.S3KMS_LEVELDB_ADDON) return open(process.env.S3KMS_LEVELDB_ADDON)
  if (executable !== undefined) return fromExecutable(Buffer.from(executable.getRawAsset('leveldb.node')))
  const folder = path.join(__dirname, 'prebuilds', platformFolder())
  const failures = []
  for (const file of candidates(folder)) {
    try {
      return open(path.join(folder, file))
    } catch (error) {
      failures.push(error.message)
    }
  }
  const tried = failures.length > 0 ? failures.join('; ') : `nothing in ${folder}`
  throw new Error(`LevelDB has no binary for ${process.platform} ${process.arch}: ${tried}`)
}

function platformFolder() {
  return process.platform === 'darwin' ? 'darwin-x64+arm64' : `${process.platform}-${process.arch}`
}

/** glibc's binary before musl's: each fails to load on the other's system. */
function candidates(folder) {
  const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith('.node')) : []
  return files.sort((a, b) => Number(a.includes('musl')) - Number(b.includes('musl')))
}

function open(file) {
  const addon = { exports: {} }
  process.dlopen(addon, file)
  return addon.exports
}

/** From the temporary folder, or where there is none, or its files may not run, from the data folder. */
function fromExecutable(bytes) {
  const failures = []
  const data = path.resolve(dataFolder())
  for (const parent of [os.tmpdir(), data]) {
    try {
      if (parent === data) fs.mkdirSync(data, { recursive: true, mode: 0o700 })
      return open(extracted(bytes, parent))
    } catch (error) {
      failures.push(`${parent} (${error.message})`)
    }
  }
  const remedy =
    'Set TMPDIR to a folder where files may be written and run, or S3KMS_LEVELDB_ADDON to the path of a LevelDB binary (the npm package has them in dist/prebuilds)'
  throw new Error(`LevelDB's binary can be loaded neither from ${failures.join(' nor from ')}. ${remedy}`)
}

/** As the options will say, which are not read yet. */
function dataFolder() {
  const flag = process.argv.findLast((argument) => argument.startsWith('--data-dir'))
  if (flag === '--data-dir') return process.argv[process.argv.lastIndexOf(flag) + 1] ?? '.'
  return flag?.slice('--data-dir='.length) || process.env.S3KMS_DATA_DIR || './.s3kms-emu'
}

/**
 * The addon as a file, because dlopen takes nothing else. Its name is its hash; a file that is there already is used only when
 * it is ours: our owner, nobody else's to write, the same bytes. Another user must not be able to slip us code.
 */
function extracted(bytes, parent) {
  const hash = createHash('sha256').update(bytes).digest('hex')
  const user = process.getuid?.() ?? 'user'
  const folder = path.join(parent, `s3kms-emu-${user}-${hash.slice(0, 16)}`)
  const file = path.join(folder, 'leveldb.node')
  makeFolder(folder)
  demandOwn(folder)
  if (!fs.existsSync(file)) {
    const fresh = path.join(folder, `${process.pid}.part`)
    fs.writeFileSync(fresh, bytes, { mode: 0o500, flag: 'wx' })
    fs.renameSync(fresh, file)
  }
  demandOwn(file)
  const found = createHash('sha256').update(fs.readFileSync(file)).digest('hex')
  if (found !== hash) throw new Error(`${file} is not the LevelDB binary of this program: remove it`)
  return file
}

function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}

function demandOwn(entry) {
  const { uid, mode } = fs.lstatSync(entry)
  if (process.getuid === undefined) return
  if (uid === process.getuid() && (mode & 0o022) === 0 && !fs.lstatSync(entry).isSymbolicLink()) return
  throw new Error(`${entry} belongs to somebody else: set S3KMS_LEVELDB_ADDON to the path of a LevelDB binary`)
}
