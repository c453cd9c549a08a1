import { type ExecFileOptions, execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Journey, region } from '../emulator.ts'

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
