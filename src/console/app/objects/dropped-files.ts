/** Files and folders that were dropped, each file with its path. */
export async function filesIn(transfer: DataTransfer | null): Promise<File[]> {
  // What is dropped is gone after the first wait.
  const dropped = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
  const found: File[] = []
  for (const one of dropped) {
    if (one instanceof File) found.push(one)
    else if (one) await collect(one, found)
  }
  return found
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    found.push(Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.slice(1) }))
    return
  }
  if (!isFolder(entry)) return
  const reader = entry.createReader()
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (entries.length === 0) return
    for (const inner of entries) await collect(inner, found)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
