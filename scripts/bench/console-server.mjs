// The emulator with its console in a process of its own, over a data folder: `mark` begins a measurement of its turns, `report` ends it.
import { startEmulator } from '../../dist/s3kms-emu.mjs'
import { watchTurns } from '../longest-turn/watch-turns.mjs'

const emulator = await startEmulator({ dataDir: process.argv[2], port: 0, consolePort: 0, logLevel: 'error' })
const turns = watchTurns()
process.on('message', (word) => {
  if (word === 'mark') turns.reset()
  // A turn later, so that the last one has been seen.
  setTimeout(() => process.send({ longest: turns.longest() }), 5)
})
process.on('disconnect', async () => {
  await emulator.stop()
  process.exit()
})
process.send({ url: emulator.consoleEndpoint })
