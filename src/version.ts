/** This version; a test holds it against package.json, so that nothing need be read from disk at start. */
export const version = '0.1.0'
