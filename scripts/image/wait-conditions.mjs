// How the modules of Testcontainers start an image and wait for it, one row each, as their sources of 2026 say it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const localstack = 'http://127.0.0.1:4566/_localstack/health'
const minio = 'http://127.0.0.1:9000/minio/health'
const minioKeys = { MINIO_ROOT_USER: 'minioadmin', MINIO_ROOT_PASSWORD: 'minioadmin' }

/** What Java's module copies into the container, once it runs. */
const javaStart = `#!/bin/bash
export LAMBDA_DOCKER_FLAGS=''
export ECS_DOCKER_FLAGS=''
/usr/local/bin/docker-entrypoint.sh
`

/** Each: how the container is started, what is done once it was, and when the wait is over. */
export const waitConditions = [
  {
    name: 'Java LocalStackContainer: its own entrypoint, the log .*Ready\\.\\n once',
    start: {
      entrypoint: ['sh', '-c', 'while [ ! -f /testcontainers_start.sh ]; do sleep 0.1; done; /testcontainers_start.sh'],
      environment: { SERVICES: 's3,kms' },
    },
    begin: ({ root }) => writeFileSync(join(root, 'testcontainers_start.sh'), javaStart, { mode: 0o777 }),
    isOver: ({ printed }) => /.*Ready\.\n/.test(printed.stdout),
    // Its shells are told to end, too.
    endsWith: 143,
  },
  {
    name: 'Go localstack: GET /_localstack/health',
    start: { environment: { LOCALSTACK_HOST: 'localhost' } },
    isOver: () => answers(localstack),
  },
  {
    name: 'Node LocalstackContainer: a line of the log with Ready',
    start: { environment: { LOCALSTACK_HOST: 'localhost', LAMBDA_DOCKER_FLAGS: '' } },
    isOver: ({ printed }) => lines(printed).some((line) => line.includes('Ready')),
    isWell: ({ printed }) => lines(printed).filter((line) => line.includes('Ready')).length === 1,
  },
  {
    name: 'Python LocalStackContainer: Ready\\.\\n in stdout',
    start: {
      environment: { AWS_DEFAULT_REGION: 'us-west-1', AWS_ACCESS_KEY_ID: 'testcontainers-localstack', SERVICES: 's3' },
    },
    isOver: ({ printed }) => printed.stdout.search(/Ready\.\n/) >= 0,
    isWell: ({ printed }) => printed.stdout.endsWith('\nReady.\n'),
  },
  { name: '.NET LocalStackBuilder: GET /_localstack/health', start: {}, isOver: () => answers(localstack) },
  { name: 'Rust localstack: stdout has Ready.', start: {}, isOver: ({ printed }) => printed.stdout.includes('Ready.') },
  {
    name: 'lstk: health with a version and a service that it knows',
    start: {},
    isOver: async () => {
      const { version, services } = (await json(localstack)) ?? {}
      return Boolean(version) && ['s3', 'sts', 'iam'].some((name) => typeof services[name] === 'string')
    },
  },
  {
    name: 'compose for LocalStack: init/ready says "completed": true',
    start: {},
    isOver: async () => (await text('http://127.0.0.1:4566/_localstack/init/ready'))?.includes('"completed": true'),
  },
  {
    name: 'compat: read-only',
    start: { readOnly: true },
    isOver: ({ printed }) => printed.stdout.endsWith('\nReady.\n'),
  },
  {
    name: 'the health check of the image, on another port',
    start: { environment: { GATEWAY_LISTEN: '0.0.0.0:4510' } },
    isOver: ({ exec }) => exec('s3kms-emu', 'health').code === 0,
  },
  {
    name: 'Java and Node MinIO: server --console-address :9001 /data, live',
    start: { command: ['server', '--console-address', ':9001', '/data'], environment: minioKeys },
    isOver: () => answers(`${minio}/live`),
  },
  {
    name: 'Python MinIO: server /data --address :9000 under the old names, live',
    start: {
      command: ['server', '/data', '--address', ':9000'],
      environment: { MINIO_ACCESS_KEY: 'minioadmin', MINIO_SECRET_KEY: 'minioadmin' },
    },
    isOver: () => answers(`${minio}/live`),
  },
  {
    name: '.NET MinIO: server /data, ready',
    start: { command: ['server', '/data'], environment: { ...minioKeys, MINIO_ROOT_USER: 'AKIAIOSFODNN7EXAMPLE' } },
    isOver: () => answers(`${minio}/ready`),
  },
  {
    name: 'Rust MinIO: stderr has API:',
    start: { command: ['server', '/data'], environment: { MINIO_CONSOLE_ADDRESS: ':9001' } },
    isOver: ({ printed }) => printed.stderr.includes('API:'),
  },
  {
    name: 'Java and Node S3Mock: GET /favicon.ico on 9090',
    start: { environment: { COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS: 'a-bucket' } },
    isOver: () => answers('http://127.0.0.1:9090/favicon.ico'),
  },
  {
    name: 'Quarkus Moto: the log ^ \\* Running on.*\\n, port 5000',
    start: { environment: { S3KMS_READY_LINE: 'moto' } },
    isOver: ({ printed }) => /^ \* Running on.*\n/m.test(printed.stderr),
    isWell: () => answers('http://127.0.0.1:5000/_s3kms/health'),
  },
]

/** The checks that Java, Go and Node make inside, where they wait for a port, and what health checks of compose files call. */
export const commandsInside = [
  ['/bin/sh', '-c', "cat /proc/net/tcp* | awk '{print $2}' | grep -i ':0*11d6'"],
  ['/bin/bash', '-c', '</dev/tcp/localhost/4566'],
  ['curl', '-f', 'http://localhost:4566/_localstack/health'],
  ['wget', '--spider', '-q', 'http://localhost:9090/favicon.ico'],
  ['awslocal', 's3', 'ls'],
  ['nc', '-vz', '-w', '1', 'localhost', '4566'],
  ['mc', 'ready', 'local'],
  ['s3kms-emu', 'health'],
]

function lines({ stdout, stderr }) {
  return `${stdout}\n${stderr}`.split('\n')
}

async function answers(url) {
  return (await fetch(url).catch(() => undefined))?.status === 200
}

async function text(url) {
  const answer = await fetch(url).catch(() => undefined)
  return answer?.text()
}

async function json(url) {
  const found = await text(url)
  return found && JSON.parse(found)
}
