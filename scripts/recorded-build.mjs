// esbuild's build, which remembers what went into what it made: scripts/notice.mjs names the licences of that.
import { build as buildUnrecorded } from 'esbuild'

const inputs = new Set()

/** As esbuild's. */
export async function build(options) {
  const result = await buildUnrecorded({ ...options, metafile: true })
  for (const path of Object.keys(result.metafile.inputs)) inputs.add(path)
  return result
}

/** The paths of all sources so far, from the folder that the builds work in. */
export function recordedInputs() {
  return [...inputs]
}
