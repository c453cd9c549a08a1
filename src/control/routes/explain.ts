import { ControlRefusal, controlRoute } from '../route.ts'

/** Why calls ended as they did. */
export const explain = controlRoute({
  name: 'explain',
  method: 'GET',
  path: '/explain/:id',
  summary: 'Why calls ended as they did: what was weighed, and what would have to change.',
  guard: 'machine',
  parameters: {
    id: {
      in: 'path',
      type: 'string',
      summary: 'Of a request of KMS or S3; what S3 asked of KMS for it is shown with it. Or `last`.',
    },
  },
  async run(controls, { id }) {
    const explanations = await controls.explain(id)
    if (explanations.length > 0) return { explanations }
    throw new ControlRefusal(404, `Nothing is known of ${id}: no policy was asked about it, or too long ago`)
  },
})
