import { stages } from '../../hooks/progress.ts'
import { type Door, plainText, pythonJson } from './door.ts'

/*
 * LocalStack's internal endpoints ("Internal Endpoints" of its documentation).
 *
 *   health         as there: answered as soon as the port is open, while READY scripts run too, because they wait for it
 *   init/ready     `"completed": true` once everything is seeded
 *   state/reset    200 once everything is empty; state/SERVICE/reset is refused: what one service keeps hangs on the other's
 */

const edition = 's3kms-emu'

/** `available` until a service is first used, as LocalStack says it; none is loaded late here. */
const health: Door = {
  method: 'GET',
  path: /^\/_localstack\/health$/,
  guard: 'anyone',
  async answer(controls) {
    const { status, version } = await controls.health()
    const services = Object.entries(controls.services()).map(([name, state]) => [
      name,
      status === 'degraded' ? 'error' : state,
    ])
    return pythonJson(200, { services: Object.fromEntries(services), edition, version })
  },
}

const initialization: Door = {
  method: 'GET',
  path: /^\/_localstack\/init$/,
  guard: 'anyone',
  answer: (controls) => pythonJson(200, controls.progress()),
}

const initializationStage: Door = {
  method: 'GET',
  path: /^\/_localstack\/init\/([^/]+)$/,
  guard: 'anyone',
  answer(controls, [name = '']) {
    const stage = stages.find((candidate) => candidate === name.toUpperCase())
    if (stage === undefined) return plainText(404, `no such stage ${name}`)
    const { completed, scripts } = controls.progress()
    return pythonJson(200, {
      completed: completed[stage],
      scripts: scripts.filter((script) => script.stage === stage),
    })
  },
}

const information: Door = {
  method: 'GET',
  path: /^\/_localstack\/info$/,
  guard: 'anyone',
  async answer(controls) {
    const { version, uptime } = await controls.health()
    return pythonJson(200, {
      version,
      edition,
      is_license_activated: false,
      system: process.platform,
      server_time_utc: new Date(controls.now()).toISOString().slice(0, 19),
      uptime: Math.floor(uptime),
    })
  },
}

const reset: Door = {
  method: 'POST',
  path: /^\/_localstack\/state\/reset$/,
  guard: 'machine',
  async answer(controls, _words, incoming) {
    await controls.reset({ fixtures: false }, incoming)
    return { status: 200 }
  },
}

const resetOfService: Door = {
  method: 'POST',
  path: /^\/_localstack\/state\/([^/]+)\/reset$/,
  guard: 'machine',
  answer(_controls, [service]) {
    const message = `${service} cannot be reset alone: what S3 keeps is sealed under keys of KMS. POST /_localstack/state/reset empties everything`
    return pythonJson(501, { message })
  },
}

export const localstackDoors: readonly Door[] = [
  health,
  initialization,
  initializationStage,
  information,
  reset,
  resetOfService,
]
