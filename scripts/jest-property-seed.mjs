import fc from 'fast-check'

// A run repeats the cases of the run before, so that what fails is what changed. PROPERTY_SEED=random (or a number) looks
// for new ones; a failure prints its seed.
const asked = process.env.PROPERTY_SEED ?? '20261122'
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) })
