// What tests import as fast-check: the package itself, with a seed. A run repeats the cases of the run before, so that what fails is what
// changed. PROPERTY_SEED=random (or a number) looks for new ones; a failure prints its seed.
import fc from '../node_modules/fast-check/lib/fast-check.js'

const asked = process.env.PROPERTY_SEED ?? '20261122'
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) })

export * from '../node_modules/fast-check/lib/fast-check.js'
export default fc
