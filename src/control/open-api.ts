import { type Description, type Shape, shapeOf } from '../protocol/shapes.ts'
import { version } from '../version.ts'
import { type AnyRoute, contentTypeOf } from './route.ts'
import { controlRoutes } from './routes.ts'

/** The control API as an OpenAPI 3.1 document. */
export function openApiDocument(): object {
  const info = { title: 's3kms-emu control API', version }
  const paths: Record<string, object> = {}
  for (const route of controlRoutes) {
    const path = `/_s3kms${route.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return { openapi: '3.1.0', info, paths }
}

function operationOf({ name, summary, guard, parameters, body, answers }: AnyRoute): object {
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
      required: declared.in === 'path' || declared.required === true,
      description: declared.summary,
      schema: { type: declared.type },
    })),
    ...(body && { requestBody: requestBodyOf(body) }),
    responses: {
      200: answers ? { description: 'Done', content: { [contentTypeOf({ answers })]: {} } } : json('Done'),
      403: json(`Not for ${guard === 'machine' ? 'other machines and browsers' : 'web pages'}`),
    },
  }
}

function requestBodyOf({ summary, contentType, shape }: NonNullable<AnyRoute['body']>): object {
  return { description: summary, content: { [contentType]: shape ? { schema: schemaOf(shape) } : {} } }
}

/** A shape in the words of JSON Schema. */
function schemaOf({ description }: Shape<unknown>): object {
  const { type, min, max, pattern, values, item, members } = description
  if (members) return structureSchema(members)
  if (type === 'list') return { type: 'array', items: item && schemaOf(item), minItems: min, maxItems: max }
  if (type === 'map') return { type: 'object', additionalProperties: item && schemaOf(item) }
  if (type === 'integer' || type === 'number') return { type, minimum: min, maximum: max }
  if (type === 'boolean') return { type: 'boolean' }
  if (type === 'timestamp') return { type: 'number' }
  return { type: 'string', minLength: min, maxLength: max, pattern, enum: values }
}

function structureSchema(members: NonNullable<Description['members']>): object {
  const entries = Object.entries(members)
  const required = entries.filter(([, member]) => 'required' in member).map(([name]) => name)
  const properties = Object.fromEntries(entries.map(([name, member]) => [name, schemaOf(shapeOf(member))]))
  return { type: 'object', properties, ...(required.length > 0 && { required }) }
}
