import type { Controls } from '../controls.ts'
import { type Door, type DoorAnswer, pythonJson } from './door.ts'

/** moto_server's. It empties everything, as there. */
const motoReset: Door = {
  method: 'POST',
  path: /^\/moto-api\/reset$/,
  guard: 'machine',
  async answer(controls, _words, incoming) {
    await controls.reset({ fixtures: false }, incoming)
    return pythonJson(200, { status: 'ok' })
  },
}

const motoResetByGet: Door = {
  method: 'GET',
  path: /^\/moto-api\/reset$/,
  guard: 'anyone',
  answer: () => pythonJson(400, { Error: 'Need to POST to reset Moto' }),
}

/** MinIO's, with an empty body: the process lives. */
const minioLive: Door = {
  method: 'GET',
  path: /^\/minio\/health\/live$/,
  guard: 'anyone',
  answer: () => ({ status: 200 }),
}

/** It is ready, and for `cluster` it takes writes, too. */
const minioReady: Door = {
  method: 'GET',
  path: /^\/minio\/health\/(ready|cluster\/read|cluster)$/,
  guard: 'anyone',
  async answer(controls, [what]) {
    const { status } = await controls.health()
    const refused = status === 'starting' || (status === 'degraded' && what === 'cluster')
    return refused ? { status: 503, headers: { 'x-minio-server-status': 'offline' } } : { status: 200 }
  },
}

/** S3Mock has no other way to be asked whether it is there. */
const s3MockIcon: Door = {
  method: 'GET',
  path: /^\/favicon\.ico$/,
  guard: 'anyone',
  answer: readyOrNot,
}

async function readyOrNot(controls: Controls): Promise<DoorAnswer> {
  const { status } = await controls.health()
  return { status: status === 'starting' ? 503 : 200, headers: { 'content-type': 'image/x-icon' } }
}

export const otherDoors: readonly Door[] = [motoReset, motoResetByGet, minioLive, minioReady, s3MockIcon]
