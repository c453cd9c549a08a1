// `npm run image:try`: starts the images that `npm run image` has built, and looks whether they do what docs/containers.md says:
//
//   slim     read-only, as any uid of group 0, keeps its folder; ends at SIGTERM; no shell
//   compat   the wait conditions of Testcontainers' modules, and compose files of LocalStack, MinIO and S3Mock as they are
//
// buildah runs them, in a network of their own, so it needs root and Linux. Where it is not to be had, that is said and nothing is tried.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { readService } from './compose.mjs'
import { buildah, startContainer } from './containers.mjs'
import { commandsInside, waitConditions } from './wait-conditions.mjs'

const slim = 'localhost/s3kms-emu:latest'
const compat = 'localhost/s3kms-emu:compat'
const test = { accessKeyId: 'test', secretAccessKey: 'test' }
const examples = fileURLToPath(new URL('../../examples/compose', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 's3kms-emu-image-'))
/** Ample for a machine under load, in ms. */
const patience = 60_000
let failures = 0

if (process.env.S3KMS_OWN_NETWORK) await tryAll()
else enterNetwork()

/** Ports as the images have them, whatever listens on this machine. */
function enterNetwork() {
  const own = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath, ...process.argv.slice(1)]
  const lacking = ['unshare', 'ip', 'buildah'].find((name) => spawnSync(name, ['--version']).error)
  if (lacking !== undefined || process.getuid?.() !== 0) {
    console.log(`images: skipped, for want of ${lacking ?? 'root'}`)
    return
  }
  const env = { ...process.env, S3KMS_OWN_NETWORK: '1' }
  process.exitCode = spawnSync('unshare', own, { stdio: 'inherit', env }).status ?? 1
}

async function tryAll() {
  try {
    await trySlim()
    for (const condition of waitConditions) await check(condition.name, () => tryWait(condition))
    await check('commands inside', tryCommands)
    await check('compose file of LocalStack', tryLocalStack)
    await check('compose file of MinIO', tryMinio)
    await check('compose file of S3Mock', tryS3Mock)
    await check('compose file of local-kms', tryLocalKms)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  process.exitCode = failures === 0 ? 0 : 1
}

async function check(name, body) {
  try {
    await body()
    console.log(`ok      ${name}`)
  } catch (error) {
    failures++
    console.log(`FAILED  ${name}: ${error.stack}`)
  }
}

async function trySlim() {
  const data = join(folder, 'data')
  mkdirSync(data)
  chmodSync(data, 0o770)
  const options = {
    user: '12345:0',
    readOnly: true,
    volumes: [`${data}:/data`],
    environment: { S3KMS_BUCKETS: 'kept' },
  }
  await check('slim: read-only, as uid 12345 of group 0, twice over one folder', async () => {
    for (const isFirst of [true, false]) {
      await within(slim, options, async (container) => {
        await until(() => container.exec('/usr/local/bin/s3kms-emu', 'health').code === 0, container)
        const s3 = clientOf(S3Client, 4566)
        const object = { Bucket: 'kept', Key: 'a' }
        if (isFirst) await s3.send(new PutObjectCommand({ ...object, Body: 'kept' }))
        const { Body } = await s3.send(new GetObjectCommand(object))
        demand((await Body.transformToString()) === 'kept')
      })
    }
    demand(statSync(join(data, 'store')).uid === 12345)
  })
  await check('slim: /data is for group 0, and there is no shell', () => {
    const name = buildah('from', slim)
    const root = buildah('mount', name)
    const { uid, gid, mode } = statSync(join(root, 'data'))
    demand(uid === 65532 && gid === 0 && (mode & 0o777) === 0o770)
    demand(statSync(join(root, 'bin/sh'), { throwIfNoEntry: false }) === undefined)
    buildah('rm', name)
  })
}

function tryWait({ start, begin, isOver, isWell = () => true, endsWith }) {
  const body = async (container) => {
    begin?.(container)
    await until(() => isOver(container), container)
    demand(await isWell(container), JSON.stringify(container.printed))
  }
  return within(compat, start, body, endsWith)
}

function tryCommands() {
  return within(compat, {}, async (container) => {
    await until(() => container.printed.stdout.endsWith('Ready.\n'), container)
    for (const words of commandsInside) {
      const { code, output } = container.exec(...words)
      demand(code === 0, `${words.join(' ')}: ${code} ${output}`)
    }
  })
}

/** As docker compose does: started, and asked until its health check says that it is well. */
function composed(file, body) {
  const { options, healthCheck } = readService(join(examples, file))
  return within(compat, options, async (container) => {
    await until(() => container.exec(...healthCheck).code === 0, container)
    await body(container)
  })
}

/** Whatever comes of it, the container is stopped, and must end well. */
async function within(image, options, body, endsWith = 0) {
  const container = startContainer(image, options)
  const failure = await body(container).catch((error) => error)
  const code = await container.stop()
  if (failure) throw failure
  demand(code === endsWith, `it ended with ${code}: ${container.printed.stderr}`)
}

async function tryLocalStack() {
  await composed('localstack.yaml', async ({ printed }) => {
    const found = await clientOf(S3Client, 4566, 'eu-west-1').send(
      new GetObjectCommand({ Bucket: 'seeded', Key: 'hello.txt' }),
    )
    demand((await found.Body.transformToString()) === 'hello\n' && found.ServerSideEncryption === 'aws:kms')
    await clientOf(KMSClient, 4566, 'eu-west-1').send(new DescribeKeyCommand({ KeyId: 'alias/seeded' }))
    demand(printed.stdout.endsWith('\nReady.\n'), printed.stdout)
  })
}

async function tryMinio() {
  await composed('minio.yaml', async () => {
    const own = { accessKeyId: 'admin', secretAccessKey: 'long-password' }
    await clientOf(S3Client, 9000, 'us-east-1', own).send(new ListBucketsCommand({}))
    const wrong = clientOf(S3Client, 9000, 'us-east-1', { ...own, secretAccessKey: 'another' })
    const refusal = await wrong.send(new ListBucketsCommand({})).catch(({ name }) => name)
    demand(refusal === 'SignatureDoesNotMatch', refusal)
  })
}

async function tryS3Mock() {
  await composed('s3mock.yaml', async () => {
    const { Buckets } = await clientOf(S3Client, 9090, 'eu-west-1').send(new ListBucketsCommand({}))
    demand(Buckets.map(({ Name }) => Name).join() === 'reports,uploads')
  })
}

async function tryLocalKms() {
  await composed('local-kms.yaml', async () => {
    const kms = clientOf(KMSClient, 8080, 'eu-west-2')
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/testing' }))
    demand(KeyMetadata.Arn === 'arn:aws:kms:eu-west-2:111122223333:key/bc436485-5092-42b8-92a3-0aa8b93536dc')
  })
}

function clientOf(Client, port, region = 'us-east-1', credentials = test) {
  return new Client({ endpoint: `http://127.0.0.1:${port}`, region, credentials, forcePathStyle: true, maxAttempts: 1 })
}

async function until(condition, { isRunning, printed }) {
  for (const begun = performance.now(); !(await condition()); ) {
    const isLate = performance.now() - begun > patience
    if (isLate || !isRunning())
      throw new Error(`it ${isLate ? 'took too long' : 'ended'}:\n${printed.stdout}\n${printed.stderr}`)
    await pause(100)
  }
}

function demand(isTrue, why = 'it is not so') {
  if (!isTrue) throw new Error(why)
}
