// `node scripts/check-package.mjs`: packs what `npm run build` made, and holds the file against what users of it rely on: that
// every path of `exports` is found, with types of the same kind of module, under each way TypeScript looks for it; that nothing
// else is installed with it, and that it stays small. Prints what it found; the exit code is 1 when something is wrong.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { consumerFaults } from './consumer-types.mjs'
import { entries } from './entries.mjs'
import { pack } from './pack.mjs'

const mostInstalled = 6e6

const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-pack-'))
try {
  const { file, manifest, unpackedSize, files } = pack(folder)
  const bytes = readFileSync(file)
  const faults = [
    ...sizeFaults(unpackedSize),
    ...manifestFaults(manifest),
    ...fileFaults(files),
    ...noticeFaults(files),
    ...(await publishingFaults(bytes, manifest)),
    ...(await typeFaults(bytes)),
    ...consumerFaults(manifest, files),
  ]
  for (const fault of faults) console.error(`FAULT: ${fault}`)
  console.log(
    `${manifest.name} ${manifest.version}: ${files.length} files, ${megabytes(bytes.length)} packed, ` +
      `${megabytes(unpackedSize)} installed, ${faults.length} faults`,
  )
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function sizeFaults(size) {
  return size > mostInstalled ? [`${megabytes(size)} installed, at most ${megabytes(mostInstalled)} are wanted`] : []
}

/** What npm would bring along. */
function manifestFaults(manifest) {
  const brought = ['dependencies', 'optionalDependencies', 'bundleDependencies'].filter((name) => manifest[name])
  const scripts = ['preinstall', 'install', 'postinstall'].filter((name) => manifest.scripts?.[name])
  return [...brought, ...scripts].map(
    (name) => `package.json has ${name}: the bundle needs nothing at its installation`,
  )
}

/** What the build makes, and documents. Declarations of what is not public must not become so by being there. */
function fileFaults(files) {
  const known =
    /^(dist\/([\w-]+\.(d\.)?[cm][jt]s|prebuilds\/.*\.node|NOTICE)|(docs|docs\/images|fixtures|python)\/[\w-]+\.\w+|examples\/.*|[\w.-]+)$/
  return files.filter((path) => !known.test(path)).map((path) => `${path} is in the package`)
}

function noticeFaults(files) {
  return files.includes('dist/NOTICE') ? [] : ['the licences of what is bundled are missing: dist/NOTICE']
}

async function publishingFaults(bytes, manifest) {
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const { messages } = await publint({ pack: { tarball }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, manifest, { color: false })}`)
}

/** Jest reads its preset by itself: it has no types. */
async function typeFaults(bytes) {
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)), {
    excludeEntrypoints: ['./jest/jest-preset'],
  })
  if (!types) return ['types: there are none']
  const oneKind = new Set(entries.filter(({ only }) => only === 'mjs').map(({ name }) => name))
  const meant = ({ kind, entrypoint = '' }) =>
    kind === 'CJSResolvesToESM' && oneKind.has(entrypoint.slice(2).replace('/', '-'))
  return problems
    .filter((problem) => !meant(problem))
    .map(
      ({ kind, entrypoint = '', resolutionKind = '', ...rest }) =>
        `types: ${kind} ${entrypoint} ${resolutionKind} ${JSON.stringify(rest)}`,
    )
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`
}
