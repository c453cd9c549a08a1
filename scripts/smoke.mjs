// What a user gets, tried from an empty folder by the README's first session (fixtures/first-session.mjs):
//
//   node scripts/smoke.mjs package      the packed npm package, installed without a network, on the Node that runs this and on
//                                       those of npm (20, 22, 24, 26) that can be had
//   node scripts/smoke.mjs executable   dist/package's executable of this machine, with an empty PATH and without a temporary
//                                       folder, so that LevelDB's addon is extracted to the data folder
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { machines, thisMachine } from './machines.mjs'
import { nodeFromNpm } from './node-from-npm.mjs'
import { pack } from './pack.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const session = join(root, 'fixtures/first-session.mjs')
const onWindows = process.platform === 'win32'
const versions = ['20.20.2', '22', '24', '26']

/** What the session prints, but for the key's id. */
const told = `hello
KMS.DisabledException: arn:aws:kms:us-east-1:000000000000:key/ID is disabled.
CreateKey
CreateAlias
GenerateDataKey arn:aws:s3:::letters/hello.txt
Decrypt arn:aws:s3:::letters/hello.txt
DisableKey
Decrypt arn:aws:s3:::letters/hello.txt DisabledException
`

const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-smoke-'))
try {
  if (process.argv[2] === 'package') await tryPackage()
  else if (process.argv[2] === 'executable') await tryExecutable()
  else throw new Error('Name what is to be tried: package or executable')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function tryPackage() {
  const { file, manifest } = pack(folder)
  const npm = (...parameters) => run(onWindows ? 'npm.cmd' : 'npm', parameters, { shell: onWindows })
  const byNpx = npm('exec', '--offline', '--yes', '--package', file, '--', manifest.name, '--version')
  expectSame('npx of the packed file', byNpx.trim(), manifest.version)

  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  npm('install', '--offline', '--no-audit', '--no-fund', file)
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))
  expectSame('what is installed', installed.join(), manifest.name)
  const program = join(folder, 'node_modules', manifest.name, manifest.bin[manifest.name])
  for (const [label, node] of nodes()) {
    tryLibrary(node, manifest.version)
    await tryProgram(label, [node, program], process.env)
  }
}

/** The running Node, and those of npm; one that cannot be had is named. */
function nodes() {
  const found = [[`Node ${process.version}`, process.execPath]]
  const running = process.versions.node.split('.')[0]
  for (const version of versions.filter((one) => one.split('.')[0] !== running)) {
    try {
      found.push([`Node ${version}`, nodeFromNpm(version)])
    } catch {
      console.log(`skipped: Node ${version} cannot be had from npm here`)
    }
  }
  return found
}

function tryLibrary(node, version) {
  const imported = `import { version, startEmulator } from 's3kms-emu'
    import { createRequire } from 'node:module'
    const required = createRequire(process.cwd() + '/x.js')('s3kms-emu')
    const emulator = await startEmulator({ port: 0, dataDir: 'library' })
    await emulator.stop()
    console.log(version, required.startEmulator === startEmulator)`
  const printed = run(node, ['--input-type=module', '--eval', imported])
  expectSame('the library', printed.trim(), `${version} true`)
}

async function tryExecutable() {
  const executable = join(root, 'dist/package', `s3kms-emu-${machines[thisMachine].shown}`)
  const nothing = onWindows ? { SystemRoot: process.env.SystemRoot } : {}
  await tryProgram('the executable', [executable], { ...nothing, TMPDIR: join(folder, 'not-there'), PATH: '' })
}

/** The first session beside an emulator of its own; then one that is asked for its health, and told to stop. */
async function tryProgram(label, [command, ...before], environment) {
  const node = process.execPath
  const printed = run(command, [...before, 'exec', '--', node, '--no-warnings', session], { env: environment })
  expectSame(`${label}: the first session`, printed.replace(/key\/[\w-]{36}/, 'key/ID'), told)

  const notice = run(command, [...before, 'version', '--notice'], { env: environment })
  if (!notice.includes('LevelDB (in classic-level)')) throw new Error(`${label}: no licences`)

  const data = join(folder, `data-${label.replace(/\W/g, '-')}`)
  mkdirSync(data, { mode: 0o700 })
  const started = spawn(
    command,
    [...before, 'start', '--port', '0', '--data-dir', data, '--json', '--log-level', 'warn'],
    {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(started, 'exit')
  const [banner] = await Promise.race([once(started.stdout, 'data'), ended.then(() => [''])])
  const { endpoint } = JSON.parse(String(banner))
  const health = run(command, [...before, 'health', '--endpoint', endpoint, '--wait', '60s'], { env: environment })
  started.kill('SIGTERM')
  const [code] = await ended
  // Windows knows no signals.
  if (code !== 0 && !onWindows) throw new Error(`${label}: start ended with ${code} after SIGTERM`)
  console.log(`${label}: the first session, ${health.trim()}`)
}

function run(command, parameters, settings = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    cwd: folder,
    encoding: 'utf8',
    ...settings,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

function expectSame(what, found, wanted) {
  if (found !== wanted) throw new Error(`${what}: not as it should be:\n${found}\nbut wanted:\n${wanted}`)
}
