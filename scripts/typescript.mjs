// `node --import ./scripts/typescript.mjs FILE.ts`: TypeScript as it is, each file through the build's own compiler when it is loaded.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
