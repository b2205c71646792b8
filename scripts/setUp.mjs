// Runs on Node 20 or newer and nothing else: makes sure of the packages and the built pages, then goes on with the
// project's own Node. `node scripts/setUp.mjs test|demo|start [arguments]`; the others need no build.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const WINDOWS = process.platform === 'win32'
/** Longer than this without a word looks like nothing happens, ms. */
const PATIENCE_MS = 2_000

const [command = 'start', ...rest] = process.argv.slice(2)

checkNode()
await checkGit()
if (isOlder(join(ROOT, 'node_modules', '.package-lock.json'), [join(ROOT, 'package-lock.json')])) {
  await step('Installing the packages', WINDOWS ? 'npm.cmd' : 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
}
if (isOlder(join(ROOT, 'out', 'renderer', 'index.html'), sources())) {
  await step('Building the control center', node(), [
    join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'),
    'build',
    '--logLevel',
    'error',
  ])
}
process.exitCode = await run(node(), [join(ROOT, 'scripts', `${command}.ts`), ...rest])

function checkNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 20) return
  fail(`Node ${process.versions.node} is too old: 20 or newer is needed.`, 'See https://nodejs.org.')
}

async function checkGit() {
  const code = await new Promise((resolve) => {
    const child = spawn('git', ['--version'], { stdio: 'ignore' })
    child.on('error', () => resolve(-1))
    child.on('close', resolve)
  })
  if (code !== 0) fail('git was not found.', 'Install it from your system’s packages (apt install git).')
}

/** The Node that came with the packages, where there is one for this machine. */
function node() {
  const own = join(ROOT, 'node_modules', '.bin', WINDOWS ? 'node.exe' : 'node')
  return existsSync(own) ? own : process.execPath
}

/** What the built pages and programs are made of. */
function sources() {
  const folders = ['main', 'preload', 'renderer'].flatMap((name) => files(join(ROOT, name)))
  return [...folders, join(ROOT, 'electron.vite.config.ts'), join(ROOT, 'package-lock.json')]
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

function isOlder(made, from) {
  const time = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs
  const at = time(made)
  return at === undefined || from.some((file) => (time(file) ?? 0) > at)
}

/** One line, with the time it takes once that is worth saying. Its own words are shown only when it fails. */
async function step(what, program, args) {
  const begun = Date.now()
  const seconds = () => `${Math.round((Date.now() - begun) / 1_000)} s`
  const draws = process.stderr.isTTY === true
  process.stderr.write(`${what} …${draws ? '' : '\n'}`)
  const timer = setInterval(() => {
    if (draws) process.stderr.write(`\r${what} … ${seconds()}`)
  }, PATIENCE_MS)
  let said = ''
  const code = await new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], shell: WINDOWS })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
    child.on('error', (error) => {
      said += error.message
      resolve(-1)
    })
    child.on('close', resolve)
  })
  clearInterval(timer)
  process.stderr.write(draws ? `\r${what} … ${seconds()}\n` : `${what}: ${seconds()}\n`)
  if (code !== 0) {
    process.stderr.write(said)
    fail(
      `${what} failed.`,
      `What it said stands above. By hand: ${['npm ci', 'npm run build'].join(', then ')}.`,
    )
  }
}

/** With the same terminal; what the terminal sends to all (Ctrl-C) is for the child to answer. */
function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: process.cwd(), stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (signal !== 'SIGINT') child.kill(signal)
      })
    }
    child.on('error', (error) => fail(`${program} cannot be started: ${error.message}`, 'Run npm ci again.'))
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
}

function fail(what, remedy) {
  process.stderr.write(`${what}\n  ${remedy}\n`)
  process.exit(2)
}
