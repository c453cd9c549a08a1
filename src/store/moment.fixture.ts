/** Something that comes when a test says so. */
export function moment(): { comes: Promise<void>; come: () => void } {
  let come = () => {}
  const comes = new Promise<void>((resolve) => {
    come = resolve
  })
  return { comes, come }
}

/** Resolves when all that needs no more than some turns of the event loop has happened. */
export async function someTurns(): Promise<void> {
  for (let index = 0; index < 10; index++) await new Promise(setImmediate)
}
