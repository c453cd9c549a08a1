// A service of a compose file as a container of an image, in whose place that of the file stands. The network is this process's, so
// published ports are those within.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'

/**
 * @param file of one service
 * @returns what `startContainer` takes, and the health check as the words of a command
 */
export function readService(file) {
  const { services } = parse(interpolated(readFileSync(file, 'utf8')))
  const [service] = Object.values(services)
  return {
    options: {
      command: wordsOf(service.command),
      entrypoint: wordsOf(service.entrypoint),
      environment: environmentOf(service.environment),
      volumes: (service.volumes ?? []).map((volume) => volumeOf(volume, dirname(file))),
    },
    healthCheck: healthCheckOf(service.healthcheck.test),
  }
}

/** `${NAME:-default}`; nothing is set. */
function interpolated(text) {
  return text.replace(/\$\{\w+:-([^}]*)\}/g, '$1')
}

/** A text is cut as a shell cuts it. */
function wordsOf(command) {
  if (typeof command !== 'string') return command
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word)
}

function environmentOf(environment = {}) {
  if (!Array.isArray(environment)) return environment
  return Object.fromEntries(environment.map((line) => line.split(/=(.*)/s).slice(0, 2)))
}

/** A source with a slash is a folder beside the file, any other a volume; either is made where it is not there. */
function volumeOf(volume, folder) {
  const [source, path] = volume.split(':')
  const isEmpty = !source.includes('/') || source === './volume' || source.endsWith('.sock')
  if (isEmpty) return `${mkdtempSync(join(tmpdir(), 's3kms-emu-volume-'))}:${path}`
  const own = resolve(folder, source)
  mkdirSync(own, { recursive: true })
  return `${own}:${path}`
}

function healthCheckOf(test) {
  if (typeof test === 'string') return ['/bin/sh', '-c', test]
  const [kind, ...words] = test
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words
}
