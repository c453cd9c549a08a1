import { version } from '../version.ts'
import type { ControlRoute } from './route.ts'
import { controlRoutes } from './routes.ts'

/** The control API as an OpenAPI 3.1 document. */
export function openApiDocument(): object {
  const info = { title: 's3kms-emu control API', version }
  const paths: Record<string, object> = {}
  for (const route of controlRoutes) {
    const path = `/_s3kms${route.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { [route.method.toLowerCase()]: operationOf(route) }
  }
  return { openapi: '3.1.0', info, paths }
}

function operationOf({ name, summary, guard, parameters }: ControlRoute): object {
  const json = (description: string) => ({
    description,
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  return {
    operationId: name,
    summary,
    parameters: Object.entries(parameters).map(([parameter, declared]) => ({
      name: parameter,
      in: declared.in,
      required: declared.in === 'path',
      description: declared.summary,
      schema: { type: declared.type },
    })),
    responses: {
      200: json('Done'),
      403: json(`Not for ${guard === 'machine' ? 'other machines and browsers' : 'web pages'}`),
    },
  }
}
