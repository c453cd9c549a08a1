// The library's types for CommonJS files (TypeScript, `module: node16`): the same, with the values as `require` gives them.
import type * as library from './index.ts' with { 'resolution-mode': 'import' }

export type Ambient = library.Ambient
export type Emulator = library.Emulator
export type EmulatorOptions = library.EmulatorOptions
export declare const OptionFault: typeof library.OptionFault
export type OptionFault = library.OptionFault
export declare const startEmulator: typeof library.startEmulator
export declare const systemAmbient: typeof library.systemAmbient
export declare const TurnableAmbient: typeof library.TurnableAmbient
export type TurnableAmbient = library.TurnableAmbient
export declare const version: typeof library.version
