import { type ExecFileOptions, execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { describe } from '@jest/globals'
import type { EmulatorOptions } from '../../src/options.ts'
import { type Journey, region, startJourney } from '../emulator.ts'
import { runAwsCommand } from './aws-commands.ts'

/** The outcome of another program's run. */
export interface Run {
  code: number
  stdout: string
  stderr: string
}

/** Where a program stands on the PATH; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Runs a program to its end, with nothing of the user's own AWS settings. */
export function run(program: string, parameters: string[], options: ExecFileOptions = {}): Promise<Run> {
  const { cwd, env } = options
  if (basename(program) === 'aws' && typeof cwd === 'string' && env) {
    const ran = runAwsCommand(program, parameters, cwd, env)
    if (ran) return ran
  }
  return new Promise((resolve) => {
    const settings = { maxBuffer: 64 << 20, ...options, encoding: 'utf8' as const }
    execFile(program, parameters, settings, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}

/**
 * The environment in which AWS's own programs find the journey's emulator, and over TLS trust it.
 * @param folder for files the programs look for, empty but for the certificate
 */
export function awsEnvironment({ endpoint, certificate }: Journey, folder: string): NodeJS.ProcessEnv {
  const bundle = join(folder, 'certificate.pem')
  if (certificate) writeFileSync(bundle, certificate)
  return {
    ...(certificate && { AWS_CA_BUNDLE: bundle, SSL_CERT_FILE: bundle }),
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  }
}

/**
 * Tests of a program, skipped by its name where it is not on the PATH.
 * @param body is given the program's path
 */
export function describeWhere(name: string, body: (program: string) => void): void {
  const program = findProgram(name)
  if (!program) console.warn(`skipped: no ${name} on the PATH`)
  if (program) describe(name, () => body(program))
  else describe.skip(name, () => body(''))
}

/** An emulator, and a folder for programs that work with it. */
export interface Workplace {
  journey: Journey
  folder: string
  /**
   * Runs a program in the folder.
   * @param environment beside what AWS's programs need; undefined takes a variable away
   * @returns what it wrote to standard output, without its last line's end
   * @throws Error with what it wrote to standard error unless it succeeds
   */
  output(program: string, parameters: string[], environment?: NodeJS.ProcessEnv): Promise<string>
  /** Runs a program that fails. @returns what it wrote to standard error @throws Error when it succeeds */
  complaint(program: string, parameters: string[], environment?: NodeJS.ProcessEnv): Promise<string>
  stop(): Promise<void>
}

/** Starts an emulator in memory, and makes an empty folder. */
export async function startWorkplace(options: Partial<EmulatorOptions> = {}): Promise<Workplace> {
  const journey = await startJourney(options)
  const folder = await mkdtemp(join(tmpdir(), 's3kms-client-'))
  const runHere = (program: string, parameters: string[], environment: NodeJS.ProcessEnv = {}) =>
    run(program, parameters, { cwd: folder, env: { ...awsEnvironment(journey, folder), ...environment } })
  return {
    journey,
    folder,
    async output(program, parameters, environment) {
      const { code, stdout, stderr } = await runHere(program, parameters, environment)
      if (code !== 0) throw new Error(`${program} ${parameters.join(' ')} ended with ${code}: ${stderr}${stdout}`)
      return stdout.trimEnd()
    },
    async complaint(program, parameters, environment) {
      const { code, stdout, stderr } = await runHere(program, parameters, environment)
      if (code === 0) throw new Error(`${program} ${parameters.join(' ')} succeeded: ${stdout}`)
      return stderr.trimEnd()
    },
    async stop() {
      await journey.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
