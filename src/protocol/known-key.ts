import type { Authentication, CredentialSource } from './authentication.ts'
import type { HttpCall } from './http.ts'

/**
 * Why a call that a web page of another site sent is refused. A page can make up an access key, and sign with the built-in
 * one, whose secret is in the documentation; it cannot sign with a key whose secret it does not know. Ask after authentication,
 * which has verified the signature of every key whose secret is known.
 * @returns undefined: no such page sent it, or a key that is known and not public proves it
 */
export function refusalOfPage(
  { foreignPage }: HttpCall,
  { caller }: Authentication,
  credentials: CredentialSource,
): string | undefined {
  if (foreignPage === undefined) return undefined
  const credential = caller.accessKeyId === undefined ? undefined : credentials.find(caller.accessKeyId)
  const isProven = credential?.secretAccessKey !== undefined && !credential.isPublic
  return isProven ? undefined : foreignPage.refusal
}
