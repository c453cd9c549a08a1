import { controlRoute } from '../route.ts'

const name = { in: 'path', type: 'string', summary: '1 to 64 of a-z, 0-9, `-`, `_` and `.`.' } as const
const guard = 'machine'

/** What is kept. */
export const snapshotList = controlRoute({
  name: 'snapshotList',
  method: 'GET',
  path: '/snapshots',
  summary: 'The snapshots that are kept: their names, when they were taken, how large their files are.',
  guard,
  parameters: {},
  async run(controls) {
    return { snapshots: await (await controls.snapshots()).list() }
  },
})

/** Keeps the state. */
export const snapshotSave = controlRoute({
  name: 'snapshotSave',
  method: 'PUT',
  path: '/snapshots/:name',
  summary:
    'Keeps the state as it is at this moment, in the place of a snapshot of that name. Requests go on meanwhile.',
  guard,
  parameters: { name },
  async run(controls, { name }, { incoming }) {
    return (await controls.snapshots()).save(name, incoming)
  },
})

/** Puts a state back. */
export const snapshotLoad = controlRoute({
  name: 'snapshotLoad',
  method: 'POST',
  path: '/snapshots/:name/load',
  summary:
    'Puts the emulator into a state that was kept. Requests that do not end are cut off; those that come meanwhile wait.',
  guard,
  parameters: { name },
  async run(controls, { name }, { incoming }) {
    await (await controls.snapshots()).load(name, incoming)
    return { status: 'loaded', name }
  },
})

/** Removes one. */
export const snapshotDelete = controlRoute({
  name: 'snapshotDelete',
  method: 'DELETE',
  path: '/snapshots/:name',
  summary: 'Removes a snapshot. The space of what only it needed comes back with the next sweep.',
  guard,
  parameters: { name },
  async run(controls, { name }, { incoming }) {
    await (await controls.snapshots()).delete(name, incoming)
    return { status: 'deleted', name }
  },
})
