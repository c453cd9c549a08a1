// Containers without a daemon: buildah makes an image's files, the kernel's own means do the rest.
//
//   buildah mount ─▶ root folder ─▶ unshare: own mounts, own processes ─▶ volumes mounted ─▶ chroot ─▶ entrypoint, as process 1
//
// The network is this process's.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Process groups that have to be ended, whatever happens. */
const running = new Set()

/**
 * Makes a container of an image and starts it.
 * @param options.entrypoint, options.command in the place of the image's own
 * @param options.environment variables beside the image's, @param options.volumes `folder:path`
 * @param options.user `uid:gid` in the place of the image's, @param options.readOnly whether only volumes may be written to
 */
export function startContainer(image, options = {}) {
  const name = buildah('from', image)
  const root = buildah('mount', name)
  // Every engine brings it.
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n')
  const config = JSON.parse(buildah('inspect', '--type', 'image', image)).Docker.config
  const { entrypoint, command, environment = {}, user = config.User, volumes = [] } = options
  const words = [...(entrypoint ?? config.Entrypoint ?? []), ...(command ?? (entrypoint ? [] : (config.Cmd ?? [])))]
  const variables = Object.fromEntries(config.Env.map((line) => line.split(/=(.*)/s)))
  const env = { HOME: '/root', ...variables, ...environment }
  const within = (lines, program) => [
    '-ec',
    [...lines, `exec chroot --userspec=${user || '0:0'} --groups=0 "$@"`].join('\n'),
    'sh',
    root,
    ...program,
  ]
  const mounts = [
    `mount --bind ${root} ${root}`,
    `mkdir -p ${root}/proc ${root}/dev`,
    `mount -t proc proc ${root}/proc`,
    `mount --rbind /dev ${root}/dev`,
    ...volumes.map((volume) => mountOf(volume, root)),
    ...(options.readOnly ? [`mount -o remount,ro,bind ${root}`] : []),
  ]
  const started = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', ...within(mounts, words)], {
    env,
    detached: true,
  })
  const followed = follow(started)
  return {
    ...followed,
    root,
    /** Runs a command beside, as `docker exec` does. @returns its exit code, and what it printed */
    exec(...program) {
      const beside = ['--mount', 'sh', ...within(mounts, program)]
      const { status, stdout, stderr } = spawnSync('unshare', beside, { env, encoding: 'utf8' })
      return { code: status, output: stdout + stderr }
    },
    async stop() {
      const code = await followed.end()
      buildah('rm', name)
      return code
    },
  }
}

function mountOf(volume, root) {
  const [folder, path] = volume.split(':')
  mkdirSync(join(root, path), { recursive: true })
  return `mount --bind ${folder} ${join(root, path)}`
}

/** Collects what a program in a group of its own prints, and ends the group. */
function follow(child) {
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', (chunk) => {
      printed[stream] += chunk
    })
  }
  running.add(child.pid)
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child.pid)
    return code
  })
  return {
    printed,
    isRunning: () => running.has(child.pid),
    end() {
      if (running.has(child.pid)) process.kill(-child.pid, 'SIGTERM')
      return ended
    },
  }
}

process.on('exit', () => {
  for (const pid of running) process.kill(-pid, 'SIGKILL')
})

export function buildah(...words) {
  return execFileSync('buildah', words, { encoding: 'utf8' }).trim()
}
