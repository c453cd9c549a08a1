import { isPeriodUnit, type PeriodUnit, periodUnits } from '../../lab/audit/periods.ts'
import { momentIn, momentWords } from '../moment.ts'
import { ControlRefusal, controlRoute } from '../route.ts'

/** What a review of encryption asks. */
export const audit = controlRoute({
  name: 'audit',
  method: 'GET',
  path: '/audit',
  summary:
    'Objects by scheme and key, calls of KMS by key and caller over time, and findings: what is unencrypted, public, under the managed key, never used, too broad, or personal data in a context. It walks over everything.',
  guard: 'machine',
  parameters: {
    by: {
      in: 'query',
      type: 'string',
      summary:
        'How calls are counted: by `hour`, `day`, `month` or `year`; the shortest that leaves a few dozen where it is not named.',
    },
    since: { in: 'query', type: 'string', summary: `Calls from that time on, ${momentWords}.` },
    until: { in: 'query', type: 'string', summary: `Calls up to that time, ${momentWords}.` },
  },
  async run(controls, { by, since, until }) {
    return controls.audit({
      by: by === undefined ? undefined : unitOf(by),
      since: momentIn('since', since),
      until: momentIn('until', until),
    })
  },
})

/** @throws ControlRefusal */
function unitOf(text: string): PeriodUnit {
  if (isPeriodUnit(text)) return text
  throw new ControlRefusal(422, `by must be one of ${periodUnits.join(', ')}, not '${text}'`)
}
