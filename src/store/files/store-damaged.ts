/** A file of the data folder does not hold what was written to it. Nothing was changed. */
export class StoreDamaged extends Error {
  /**
   * @param folder the data folder
   * @param file inside of it
   * @param fault what is wrong, as the end of a sentence that begins with the file
   */
  constructor(folder: string, file: string, fault: string) {
    const cure =
      'put a copy of the folder in its place, or begin with an empty one: move this one aside, or name another with --data-dir'
    super(`The data folder ${folder} is damaged: ${file} ${fault}. Nothing was changed: ${cure}`)
  }
}

/** What is wrong with a file, thrown by readers of its bytes, which do not know its name. */
export class FileFault extends Error {}
