import { jsonBody, jsonDocument, readBody } from '../control/body.ts'
import type { ControlApp } from '../control/control-routes.ts'
import { listBucketNames, listBuckets, measureBucket } from './api/buckets.ts'
import { type Chosen, callFilters } from './api/call-filters.ts'
import { decide } from './api/decide.ts'
import { explainRequest, listEvents, listOccurring, readEvent } from './api/events.ts'
import { keyArnsShape, listKeys, nameKeys, readKey } from './api/keys.ts'
import { callKms } from './api/kms.ts'
import { type ObjectAddress, readObject } from './api/object.ts'
import { callsAbout } from './api/object-calls.ts'
import { listObjects } from './api/objects.ts'
import { readOverview } from './api/overview.ts'
import { presign } from './api/presign.ts'
import { listPrincipals } from './api/principals.ts'
import { findSealedObjects } from './api/sealed-objects.ts'
import { findSharers } from './api/shared-data-key.ts'
import { type ApiContext, ConsoleRefusal } from './services.ts'

/** The parameters of a query; one that was not given is undefined. */
type Query = Record<string, string | undefined>

/** As bounded as every JSON of the control API. */
const input = jsonDocument('What KMS, or the policies, are asked.')

const keyNamesInput = jsonBody('ARNs of keys.', keyArnsShape)

/** What the page reads, by path behind `/api/`. */
const reads: Record<string, (context: ApiContext, query: Query) => object | Promise<object>> = {
  overview: (context) => readOverview(context),
  buckets: (context, { after }) => listBuckets(context, after),
  'bucket-names': (context) => listBucketNames(context),
  'bucket-size': (context, query) => measureBucket(context, required(query, 'bucket')),
  objects: (context, query) =>
    listObjects(context, {
      bucket: required(query, 'bucket'),
      prefix: query.prefix ?? '',
      delimiter: query.delimiter ?? '',
      versions: query.versions === 'true',
      after: query.after,
    }),
  object: (context, query) => readObject(context, addressIn(query)),
  'object-calls': (context, query) => callsAbout(context, required(query, 'key'), required(query, 'arn')),
  'shared-data-key': (context, query) => findSharers(context, addressIn(query)),
  presign: (context, query) => presign(context, addressIn(query)),
  keys: (context, { find, after }) => listKeys(context, { find, after }),
  key: (context, query) => readKey(context, required(query, 'region'), required(query, 'id')),
  'sealed-objects': (context, query) => findSealedObjects(context, required(query, 'key')),
  principals: (context) => listPrincipals(context),
  events: (context, query) =>
    listEvents(context, {
      region: query.region,
      chosen: chosenIn(query),
      attribute: query.by === undefined ? undefined : { key: query.by, value: required(query, 'value') },
      after: query.after,
    }),
  occurring: (context) => listOccurring(context),
  explanations: (context, query) => explainRequest(context, required(query, 'request')),
  event: (context, query) => readEvent(context, required(query, 'id'), query.region),
}

/**
 * Adds the console's API to an app.
 * @param context what answers are made of, as it is when one is asked
 */
export function addRoutes(app: ControlApp, context: () => ApiContext): void {
  for (const [name, read] of Object.entries(reads)) {
    app.get(`/api/${name}`, async (asked) => asked.json(await read(context(), asked.req.query())))
  }
  app.post('/api/decide', async (asked) => asked.json(await decide(context(), await readBody(input, asked.env))))
  app.post('/api/key-names', async (asked) => {
    const { arns } = await readBody(keyNamesInput, asked.env)
    return asked.json(await nameKeys(context(), arns))
  })
  app.post('/api/kms/:operation', async (asked) => {
    const sent = await readBody(input, asked.env)
    const { status, body } = await callKms(context(), asked.req.param('operation'), sent, asked.req.query('region'))
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
  })
}

function chosenIn(query: Query): Chosen {
  return Object.fromEntries(callFilters.flatMap((name) => (query[name] ? [[name, query[name]]] : [])))
}

function addressIn(query: Query): ObjectAddress {
  return { bucket: required(query, 'bucket'), key: required(query, 'key'), versionId: query.versionId }
}

/** @throws ConsoleRefusal */
function required(query: Query, name: string): string {
  const value = query[name]
  if (value === undefined) throw new ConsoleRefusal(400, `${name} is missing`)
  return value
}
