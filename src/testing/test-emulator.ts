import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EmulatorOptions } from '../index.ts'
import { optionsFromEnvironment } from '../options.ts'
import { connectTo, type EmulatorClient } from './emulator-client.ts'

/** An emulator of a test's own. */
export interface TestEmulator extends EmulatorClient {
  readonly credentials: { accessKeyId: string; secretAccessKey: string }
  /** What the fixtures did, one line each. */
  readonly fixtureReport: readonly string[]
  stop(): Promise<void>
}

/**
 * Starts an emulator in memory, on a free port, in a thread of its own: a test that holds its own thread, or turns its timers and its
 * clock, does not hold the emulator.
 * @param options as `startEmulator` takes them; what is left out comes from the S3KMS_* variables
 * @throws Error with the words of what is wrong with them
 */
export async function startTestEmulator(options: EmulatorOptions = {}): Promise<TestEmulator> {
  const given = { ...optionsFromEnvironment(process.env), ...options, ephemeral: true, port: 0 }
  const worker = new Worker(program, {
    eval: true,
    workerData: { library: join(import.meta.dirname, 's3kms-emu.cjs'), options: given },
  })
  const { failure, ...started } = await firstMessage(worker)
  if (failure !== undefined) {
    await worker.terminate()
    throw new Error(failure)
  }
  // A test that forgets to stop it must not be kept from ending.
  worker.unref()
  const region = options.region ?? process.env.S3KMS_REGION
  const client = connectTo({ endpoint: started.endpoint, region, credentials: started.credentials })
  return { ...client, ...started, stop: async () => void (await worker.terminate()) }
}

interface Started {
  endpoint: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  fixtureReport: string[]
  failure?: string
}

const program = `
const { parentPort, workerData } = require('node:worker_threads')
const { startEmulator } = require(workerData.library)
startEmulator(workerData.options).then(
  ({ endpoint, credentials, fixtureReport }) => parentPort.postMessage({ endpoint, credentials, fixtureReport }),
  (error) => parentPort.postMessage({ failure: error.message }),
)`

function firstMessage(worker: Worker): Promise<Started> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the emulator's thread ended with ${code}`)))
  })
}
