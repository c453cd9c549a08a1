#!/usr/bin/env node
import { run } from '../src/cli/program.ts'

export * from '../src/index.ts'

declare global {
  interface ImportMeta {
    /** True when this file is the program and not a library; the build puts the answer in. */
    main?: boolean
  }
}

if (import.meta.main) {
  void run(process.argv, process.env).then((code) => {
    process.exitCode = code
  })
}
