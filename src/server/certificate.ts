import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Log } from '../log.ts'
import { SettingFault, type Settings } from '../options.ts'
import { asStoreError } from '../store/files/open-errors.ts'
import { makeFolder } from '../store/make-folder.ts'
import { writeAside } from './write-aside.ts'

export interface Certificate {
  cert: string
  key: string
  /** Where the certificate lies, for AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS; undefined when it is in memory only. */
  file?: string
}

/**
 * The certificate to serve with: the given one, or with `--tls` a self-signed one that is kept in the data folder so that
 * it need be trusted only once.
 * @param now ms since the epoch: an expired certificate is made anew
 * @param log told of a kept certificate that cannot serve any more
 * @returns undefined when plain HTTP is asked for
 * @throws SettingFault; StoreNotOpened when the data folder does not give or take its files
 */
export async function openCertificate(
  settings: Settings,
  now: number,
  log: Pick<Log, 'warn'>,
): Promise<Certificate | undefined> {
  const { tls, cert, key, dataDir, ephemeral } = settings
  if (cert !== undefined && key !== undefined) {
    return { cert: await readPem(cert, 'cert'), key: await readPem(key, 'key'), file: resolve(cert) }
  }
  if (!tls) return undefined
  if (ephemeral) return selfSigned(settings)
  try {
    return await keptOrMade(settings, now, log)
  } catch (error) {
    throw asStoreError(dataDir, error)
  }
}

async function keptOrMade(settings: Settings, now: number, log: Pick<Log, 'warn'>): Promise<Certificate> {
  const folder = join(settings.dataDir, 'tls')
  const files = { cert: resolve(folder, 'cert.pem'), key: resolve(folder, 'key.pem') }
  const kept = await readKept(files)
  const fault = kept && faultOf(kept, now)
  if (kept && !fault) return { ...kept, file: files.cert }
  if (fault) log.warn(`${files.cert} ${fault}: a new one is made, to be trusted anew`)
  const made = await selfSigned(settings)
  await makeFolder(folder)
  // A start that is cut off between the two leaves a certificate that does not belong to its key.
  await writeAside(files.key, made.key)
  await writeAside(files.cert, made.cert)
  return { ...made, file: files.cert }
}

async function readPem(file: string, setting: 'cert' | 'key'): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingFault(setting, `${file} cannot be read (${error.code})`)
  })
  if (text.includes('-----BEGIN ')) return text
  throw new SettingFault(setting, `${file} is not a PEM file`)
}

async function readKept(files: { cert: string; key: string }): Promise<Certificate | undefined> {
  const [cert, key] = [await readIfThere(files.cert), await readIfThere(files.key)]
  return cert === undefined || key === undefined ? undefined : { cert, key }
}

/** Whoever reads a pipe waits for ever. */
async function readIfThere(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found && !found.isFile()) throw new Error(`${file} is no file: move it elsewhere`)
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** Why a kept certificate cannot serve; undefined when it can. */
function faultOf({ cert, key }: Certificate, now: number): string | undefined {
  try {
    const certificate = new X509Certificate(cert)
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return 'does not belong to its key'
    return Date.parse(certificate.validTo) > now ? undefined : 'has expired'
  } catch {
    return 'with its key cannot be read'
  }
}

/** Names: this machine's, S3's virtual hosts and websites on localhost, and the base domains with their buckets. */
async function selfSigned({ baseDomains }: Settings): Promise<Certificate> {
  const { generate } = await import('selfsigned')
  const hosts = ['localhost', 's3.localhost', 's3-website.localhost', ...baseDomains].flatMap((name) => [
    name,
    `*.${name}`,
  ])
  const made = await generate([{ name: 'commonName', value: 's3kms-emu' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...hosts.map((value) => ({ type: 2 as const, value })),
          { type: 7 as const, ip: '127.0.0.1' },
          { type: 7 as const, ip: '::1' },
        ],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}
