#!/usr/bin/env node
// The program as a package installs it. Node (from 22 on) keeps what it compiles, in the folder for temporary files where it may write
// there; asked by the bundle itself it would have compiled that already.
const Module = require('node:module')
const { join } = require('node:path')

Module.enableCompileCache?.()
process.argv[1] = join(__dirname, 's3kms-emu.cjs')
Module.runMain()
