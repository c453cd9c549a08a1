// `node scripts/node-24.mjs FILE…`: runs FILE with a Node 24 of npm's.
import { spawnSync } from 'node:child_process'
import { nodeFromNpm } from './node-from-npm.mjs'

process.exitCode = spawnSync(nodeFromNpm('24'), process.argv.slice(2), { stdio: 'inherit' }).status ?? 1
