const { default: TestSequencer } = require('@jest/test-sequencer')

/** Which wait for minutes, or start a process fifty times. */
const longest = ['clients/terraform.test.ts', '/crash.test.ts']

/**
 * Jest begins with the files that took longest the last time. On a new clone it knows of none, and the longest may come last, while all
 * other workers have nothing left to do.
 */
module.exports = class extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests)
    const isLong = ({ path }) => longest.some((name) => path.replaceAll('\\', '/').endsWith(name))
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))]
  }
}
