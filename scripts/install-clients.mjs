// `node scripts/install-clients.mjs`: installs the programs that test/clients tries, from Debian's packages and npm. A test is
// skipped by its name where its program is missing, so it installs what there is and names what there is not.
// Needs apt-get, and root or sudo. Not here: Terraform with its AWS provider, and the AWS CLI's version 2.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const debian = [
  'rclone',
  'restic',
  's3cmd',
  's4cmd',
  's3fs',
  'duplicity',
  'pgbackrest',
  'ansible',
  'curl',
  // Debian's Python has a boto3 of its own, which duplicity uses.
  'awscli',
  'python3-boto3',
  'python3-smart-open',
  'ruby-aws-sdk-s3',
  'ruby-aws-sdk-kms',
  'golang-go',
  'golang-github-aws-aws-sdk-go-v2-dev',
]
/** Beside the tests that use it, so that nobody who builds the emulator has to have it. */
const npm = ['aws-sdk@2.1693.0', 'multer-s3@3.0.1']

const clients = fileURLToPath(new URL('../test/clients', import.meta.url))
const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }

/** @returns whether the program succeeded */
function succeeds(program, parameters, stdio = 'inherit') {
  return spawnSync(program, parameters, { stdio, env: environment }).status === 0
}

function asRoot(program, parameters) {
  if (process.getuid?.() === 0) return succeeds(program, parameters)
  return succeeds('sudo', ['--preserve-env=DEBIAN_FRONTEND', program, ...parameters])
}

/** Debian's packages that are here to be had and not replaced: an AWS CLI that is on the PATH stays the one that is used. */
function wanted() {
  const has = (name) => succeeds('apt-cache', ['show', '--no-all-versions', name], 'ignore')
  const installed = (program) => succeeds('sh', ['-c', `command -v ${program}`], 'ignore')
  return debian.filter((name) => has(name) && !(name === 'awscli' && installed('aws')))
}

if (!asRoot('apt-get', ['update', '-q'])) throw new Error('apt-get update failed: is this a Debian, and are you root?')
const found = wanted()
const absent = debian.filter((name) => !found.includes(name))
if (!asRoot('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...found])) process.exitCode = 1
if (
  !succeeds('npm', ['install', '--prefix', clients, '--no-save', '--omit', 'peer', '--no-audit', '--no-fund', ...npm])
)
  process.exitCode = 1
if (absent.length > 0) console.log(`left out: ${absent.join(', ')}`)
