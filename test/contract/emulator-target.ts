import { Agent } from 'node:https'
import { accountId, type Journey, region, startJourney } from '../emulator.ts'
import {
  administratorOf,
  atOnce,
  type Configuration,
  type Credentials,
  canonicalIdOf,
  clientsOf,
  type Target,
} from './target.ts'

/** An access key that nobody made and that is an account's id belongs to an administrator of that account. */
const otherAccount = '999999999999'

/** An emulator over TLS, as AWS is, that makes buckets as AWS does today; a second one without TLS where that is asked for. */
export async function startEmulatorTarget(): Promise<Target> {
  const journeys = [await startJourney({ tls: true, bucketDefaults: 'current' })]
  const open = async (journey: Journey): Promise<Target> => {
    const configuration = configurationOf(journey)
    return {
      ...(await accountsOf(configuration, journey.configuration.credentials)),
      name: 'emulator',
      region,
      clientsFor: (credentials, way) => clientsOf(configuration, credentials ?? 'nobody', way),
      async overPlainHttp() {
        const plain = await startJourney({ bucketDefaults: 'current' })
        journeys.push(plain)
        return open(plain)
      },
      patience: atOnce,
      async close() {
        await Promise.all(journeys.map((one) => one.stop()))
      },
    }
  }
  const [first] = journeys
  if (!first) throw new Error('No emulator was started')
  return open(first)
}

async function accountsOf(
  configuration: Configuration,
  credentials: Credentials,
): Promise<Pick<Target, 'own' | 'other'>> {
  const own = administratorOf(configuration, credentials)
  const other = administratorOf(configuration, { accessKeyId: otherAccount, secretAccessKey: 'any' })
  return {
    own: { id: accountId, canonicalId: await canonicalIdOf(own), administrator: own },
    other: { id: otherAccount, canonicalId: await canonicalIdOf(other), administrator: other },
  }
}

/** Connections are kept: a TLS handshake costs more than all that a row asks. */
function configurationOf({ configuration, certificate }: Journey): Configuration {
  const { endpoint, maxAttempts } = configuration
  const requestHandler = certificate ? { httpsAgent: new Agent({ ca: certificate, keepAlive: true }) } : undefined
  return { endpoints: endpoint, region, maxAttempts, requestHandler }
}
