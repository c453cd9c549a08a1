// `npm run image [-- --target slim …] [--tag NAME]`: builds the container images of the Containerfile, of the executable in dist/package (made by
// `npm run package` where it is not there), with buildah, which needs no daemon, or with docker.
//
//   S3KMS_IMAGE_BASE   the image to build upon, in the place of debian:trixie-slim. Where that cannot be pulled and this is root,
//                      debootstrap makes a like one of Debian's packages.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const suite = 'trixie'
const published = `docker.io/library/debian:${suite}-slim`
const madeHere = `localhost/debian:${suite}-made-here`
/** The exit code of a machine on which nothing can be built upon. */
const noBase = 3
/** Without it buildah needs user namespaces and a runtime, which a container that builds may not have. */
const isolation = ['--isolation', 'chroot']

const { target: targets, tag } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: ['slim', 'compat'] },
    tag: { type: 'string', default: 's3kms-emu' },
  },
}).values
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const engine = ['buildah', 'docker'].find((name) => works(name, ['info']))
if (engine === undefined) throw new Error('There is neither buildah nor a docker that answers')
if (!existsSync(join(root, 'dist/package'))) run(process.execPath, [join(root, 'scripts/package.mjs')])
const base = process.env.S3KMS_IMAGE_BASE || baseImage()
if (base === undefined) {
  console.error(`${published} cannot be pulled, and debootstrap is not here or reaches no Debian`)
  process.exit(noBase)
}
for (const target of targets) build(target)

function build(target) {
  const names = target === 'slim' ? [version, 'latest'] : [`${version}-${target}`, target]
  const facts = {
    BASE: base,
    VERSION: version,
    REVISION: output('git', ['rev-parse', 'HEAD']),
    CREATED: output('git', ['log', '-1', '--format=%cI']),
  }
  const common = [
    ...['--file', 'Containerfile', '--target', target],
    ...names.flatMap((name) => ['--tag', `${tag}:${name}`]),
    ...Object.entries(facts).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
  ]
  // Only Docker's own format holds a HEALTHCHECK.
  const own = engine === 'buildah' ? [...isolation, '--format', 'docker', '--layers'] : []
  run(engine, ['build', ...own, ...common, '.'])
  console.log(names.map((name) => `${tag}:${name}`).join(', '))
}

/** The name of an image that can be built upon, if there is one. */
function baseImage() {
  if (engine === 'docker' || works('buildah', ['inspect', '--type', 'image', published])) return published
  if (works('buildah', ['inspect', '--type', 'image', madeHere])) return madeHere
  if (works('buildah', ['pull', '--quiet', published])) return published
  if (!works('debootstrap', ['--version']))
    throw new Error(`${published} cannot be pulled, and there is no debootstrap`)
  makeBase()
  return madeHere
}

/** @returns whether Debian could be reached */
function makeBase() {
  const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-base-'))
  try {
    if (spawnSync('debootstrap', ['--variant=minbase', suite, folder], { stdio: 'inherit' }).status !== 0) return false
    const container = output('buildah', ['from', 'scratch'])
    run('buildah', ['add', '--quiet', container, folder, '/'])
    run('buildah', ['commit', '--quiet', '--rm', container, madeHere])
    return true
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function works(program, words) {
  return spawnSync(program, words, { stdio: 'ignore', timeout: 60_000 }).status === 0
}

function output(program, words) {
  return execFileSync(program, words, { cwd: root, encoding: 'utf8' }).trim()
}

function run(program, words) {
  execFileSync(program, words, { cwd: root, stdio: 'inherit' })
}
