// What `npm run mutate` says while it runs: each fault that no test saw or that timed out, as soon as that is known, and how many were
// tried. A run that is cut short leaves what it found.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** Results that say nothing of the tests. */
const untried = ['CompileError', 'RuntimeError', 'Ignored']
const unseen = ['Survived', 'NoCoverage']

export const wasTried = ({ status }) => !untried.includes(status)
export const wasUnseen = ({ status }) => unseen.includes(status)

class EachFault {
  #tried = 0
  #seen = 0

  onMutantTested(result) {
    if (!wasTried(result)) return
    this.#tried++
    if (wasUnseen(result) || result.status === 'Timeout') console.log(described(result))
    if (!wasUnseen(result)) this.#seen++
    if (this.#tried % 5 === 0) console.log(`${this.#seen} of ${this.#tried} seen`)
  }
}

const outcomes = {
  NoCoverage: 'no test comes here',
  Survived: 'survived',
  // Seen, if it is a loop that never ends; a loaded machine may be late as well, so somebody has to look.
  Timeout: 'timed out, which counts as seen',
}

/** Results count lines from 1. */
function described({ fileName, location, replacement, status, mutatorName }) {
  const lines = readFileSync(fileName, 'utf8').split('\n')
  const place = `${relative(process.cwd(), fileName)}:${location.start.line}`
  const how = outcomes[status]
  return `${place}  ${mutatorName}, ${how}\n    ${lines[location.start.line - 1]?.trim()}\n    → ${replacement}`
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'each-fault', EachFault)]
