import { accountId, region, startJourney } from '../emulator.ts'
import { atOnce, clientsOf, type Target } from './target.ts'

/** An access key that nobody made and that is an account's id belongs to an administrator of that account. */
const otherAccount = '999999999999'

/** An emulator over TLS, as AWS is, that makes buckets as AWS does today. */
export async function startEmulatorTarget(): Promise<Target> {
  const journey = await startJourney({ tls: true, bucketDefaults: 'current' })
  const { credentials, ...configuration } = journey.configuration
  const other = { accessKeyId: otherAccount, secretAccessKey: 'any' }
  return {
    name: 'emulator',
    region,
    own: { id: accountId, administrator: clientsOf(configuration, credentials) },
    other: { id: otherAccount, administrator: clientsOf(configuration, other) },
    clientsFor: (credentials) => clientsOf(configuration, credentials ?? 'nobody'),
    patience: atOnce,
    close: () => journey.stop(),
  }
}
