// The machines that executables are made for.

/** The platform and processor that this runs on, as Node names them. */
export const thisMachine = `${process.platform}-${process.arch}`

/** By the names that Node has for them: that of pkg, the end of the executable's own, LevelDB's addon. */
export const machines = {
  'linux-x64': { pkg: 'linux', shown: 'linux-x64', addon: 'linux-x64/classic-level.node' },
  'linux-arm64': { pkg: 'linux', shown: 'linux-arm64', addon: 'linux-arm64/classic-level.armv8.node' },
  'darwin-x64': { pkg: 'macos', shown: 'darwin-x64', addon: 'darwin-x64+arm64/classic-level.node' },
  'darwin-arm64': { pkg: 'macos', shown: 'darwin-arm64', addon: 'darwin-x64+arm64/classic-level.node' },
  'win32-x64': { pkg: 'win', shown: 'windows-x64.exe', addon: 'win32-x64/classic-level.node' },
}
