import type { FaultReport } from '../../lab/faults/fault.ts'
import type { WrittenElsewhere } from '../../lab/faults/faults.ts'
import { enumeration, integer, list, number, string, structure } from '../../protocol/shapes.ts'
import { jsonBody } from '../body.ts'
import type { Controls } from '../controls.ts'
import { type Door, type DoorAnswer, pythonJson } from './door.ts'

/*
 * LocalStack's chaos API ("Chaos API" of its documentation), over the lab's faults:
 *
 *   faults    rules, the first that strikes decides: [] none, [{}] everything. POST replaces, PATCH adds, DELETE removes equal ones
 *   effects   {"latency": ms} of every call
 *
 * Errors may have any name there. Rules that were not added here are left alone.
 */

interface ChaosRule {
  region?: string
  service?: 's3' | 'kms'
  operation?: string
  probability?: number
  error?: { statusCode?: number; code?: string }
}

const ruleShape = structure(
  {
    region: string({ min: 1, max: 64 }),
    service: enumeration(['s3', 'kms']),
    operation: string({ min: 1, max: 128, pattern: '^[A-Za-z]+$' }),
    probability: number({ min: 0, max: 1 }),
    error: structure({
      statusCode: integer({ min: 400, max: 599 }),
      code: string({ min: 1, max: 128, pattern: '^[A-Za-z0-9.]+$' }),
    }),
  },
  { closed: true },
)
const rules = jsonBody('Rules.', list(ruleShape, { max: 1000 }))
const effects = jsonBody('Effects.', structure({ latency: integer({ min: 0, max: 3_600_000 }) }))

const faultsPath = /^\/_localstack\/chaos\/faults$/
const effectsPath = /^\/_localstack\/chaos\/effects$/
const guard = 'machine'

export const chaosDoors: readonly Door[] = [
  { method: 'GET', path: faultsPath, guard, answer: (controls) => shown(controls) },
  {
    method: 'POST',
    path: faultsPath,
    guard,
    async answer(controls, _words, incoming) {
      const wanted = (await rules.read(incoming)).map(asFault)
      controls.faults.replace(isRule, wanted)
      return shown(controls)
    },
  },
  {
    method: 'PATCH',
    path: faultsPath,
    guard,
    async answer(controls, _words, incoming) {
      const more = (await rules.read(incoming)).map(asFault)
      controls.faults.replace(() => false, more)
      return shown(controls)
    },
  },
  {
    method: 'DELETE',
    path: faultsPath,
    guard,
    async answer(controls, _words, incoming) {
      const unwanted = (await rules.read(incoming)).map(textOf)
      controls.faults.replace((fault) => isRule(fault) && unwanted.includes(textOf(ruleOf(fault))), [])
      return shown(controls)
    },
  },
  { method: 'GET', path: effectsPath, guard, answer: (controls) => shownEffects(controls) },
  {
    method: 'POST',
    path: effectsPath,
    guard,
    async answer(controls, _words, incoming) {
      const { latency = 0 } = await effects.read(incoming)
      const added: WrittenElsewhere[] = latency > 0 ? [{ rule: { latency }, foreign: { foreign: 'effects' } }] : []
      controls.faults.replace(({ foreign }) => foreign === 'effects', added)
      return shownEffects(controls)
    },
  },
]

function isRule({ foreign }: FaultReport): boolean {
  return foreign === 'faults'
}

function asFault({ error = {}, ...rule }: ChaosRule): WrittenElsewhere {
  const { code = 'ServiceUnavailable', statusCode: status = 503 } = error
  return { rule, foreign: { foreign: 'faults', outage: { code, status } } }
}

async function shown({ faults }: Controls): Promise<DoorAnswer> {
  const known = (await faults.list()).filter(isRule)
  return pythonJson(200, known.map(ruleOf))
}

async function shownEffects({ faults }: Controls): Promise<DoorAnswer> {
  const effect = (await faults.list()).find(({ foreign }) => foreign === 'effects')
  return pythonJson(200, { latency: effect?.latency ?? 0 })
}

function ruleOf({ region, service, operation, probability, outage }: FaultReport): ChaosRule {
  const error = outage && { statusCode: outage.status, code: outage.code }
  return { region, service, operation, probability, error }
}

/** Rules are equal when they strike the same. */
function textOf({ region, service, operation, probability = 1, error = {} }: ChaosRule): string {
  const { statusCode = 503, code = 'ServiceUnavailable' } = error
  return JSON.stringify([region, service, operation, probability, statusCode, code])
}
