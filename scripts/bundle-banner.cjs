/** The single executable that this bundle may be inside of; undefined under a plain node (and where node knows none). */
const executable = (() => {
  const sea = process.getBuiltinModule?.('node:sea')
  return sea?.isSea() ? sea : undefined
})()
// biome-ignore lint/correctness/noUnusedVariables: the bundle behind it does
const isProgram = executable !== undefined || require.main === module
