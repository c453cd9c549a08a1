import { callInProcess, type Endpoint, type ForwardedSession, readAnswer } from './http.ts'

/** Calls an endpoint with a web Request and gives its answer as a web Response: what tests are written in. */
export async function fetchFrom(
  endpoint: Endpoint,
  request: Request,
  { session }: { session?: ForwardedSession } = {},
): Promise<Response> {
  const { host, pathname, search } = new URL(request.url)
  const answer = await endpoint(
    callInProcess({
      method: request.method,
      target: pathname + search,
      headers: { host, ...Object.fromEntries(request.headers) },
      body: request.body ?? undefined,
      session,
    }),
  )
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] satisfies [string, string]],
  )
  const body = new Uint8Array(await readAnswer(answer))
  const hasBody = answer.status >= 200 && answer.status !== 204 && answer.status !== 304
  return new Response(hasBody ? body : null, { status: answer.status, headers })
}
