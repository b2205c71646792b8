// Runs on Node 20 or newer and nothing else: makes sure of the packages and the built pages, then goes on with the
// project's own Node. `node scripts/setUp.mjs demo|start|test [arguments]`.
import { spawn } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const WINDOWS = process.platform === 'win32'
/** Longer than this without a word looks as if nothing happens, ms. */
const PATIENCE_MS = 2_000
/** What the project runs on; where no package brings it, the machine's own has to be this recent. */
const NODE_MAJOR = 24
const PROGRAMS = ['demo', 'start', 'test']

const [program = 'start', ...words] = process.argv.slice(2)
if (!PROGRAMS.includes(program)) fail(`There is no ${program}.`, `It is one of: ${PROGRAMS.join(', ')}.`)

checkNode()
await checkGit()
// Packages behind a link are somebody else's as well: npm ci would take them away under their feet.
const shared = lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true
if (!shared && isOlder(join(ROOT, 'node_modules', '.package-lock.json'), [join(ROOT, 'package-lock.json')])) {
  await step('Packages', 'installing', 'installed', ...npm())
}
const parts = sources()
if (bundles().some((bundle) => isOlder(bundle, parts))) {
  const build = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  await step('Pages', 'building', 'built', ownNode(), [build, 'build', '--logLevel', 'error'])
}
process.exitCode = await run(ownNode(), [join(ROOT, 'scripts', `${program}.ts`), ...words])

function checkNode() {
  if (majorOf(process.versions.node) >= 20) return
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

/** The npm that started this, else the one on the path; all packages whatever the person's settings leave out. */
function npm() {
  const words = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const script = process.env.npm_execpath
  if (script?.endsWith('npm-cli.js') && existsSync(script)) return [process.execPath, [script, ...words]]
  return [WINDOWS ? 'npm.cmd' : 'npm', words, WINDOWS]
}

/** The Node that came with the packages, where there is one for this machine. */
function ownNode() {
  const system = WINDOWS ? 'win' : process.platform
  const name = `node-${system}-${process.arch}`
  const own = join(ROOT, 'node_modules', name, 'bin', WINDOWS ? 'node.exe' : 'node')
  if (existsSync(own)) return own
  if (majorOf(process.versions.node) >= NODE_MAJOR) return process.execPath
  return fail(
    `Node ${NODE_MAJOR} is needed here: no package brings it for ${process.platform}-${process.arch}.`,
    `This is ${process.versions.node}. See https://nodejs.org.`,
  )
}

function majorOf(version) {
  return Number(version.split('.')[0])
}

/** One of each part; a build that broke off leaves the last old. */
function bundles() {
  return ['main/index.js', 'preload/index.cjs', 'renderer/index.html'].map((name) => join(ROOT, 'out', name))
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

/** One line, with the time it takes once that is worth saying. The program's own words are shown when it fails. */
async function step(name, doing, done, program, words, shell = false) {
  const begun = Date.now()
  const seconds = () => `${Math.round((Date.now() - begun) / 1_000)} s`
  const draws = process.stderr.isTTY === true && process.env.TERM !== 'dumb'
  const [ring, tick, cross] = speaksUnicode() ? ['◔', '✔', '⊗'] : ['o', '+', 'x']
  const tell = (glyph, text, end) => {
    process.stderr.write(`${draws ? '\r\u001b[K' : ''}${glyph} ${name.padEnd(12)} ${text}${end}`)
  }
  tell(ring, `${doing} …`, draws ? '' : '\n')
  const timer = setInterval(() => {
    if (draws) tell(ring, `${doing} … ${seconds()}`, '')
  }, PATIENCE_MS)
  let said = ''
  const code = await new Promise((resolve) => {
    const child = spawn(program, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], shell })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        said += data
      })
    }
    child.on('error', (error) => {
      said += error.message
      resolve(-1)
    })
    child.on('close', resolve)
  })
  clearInterval(timer)
  tell(code === 0 ? tick : cross, `${code === 0 ? done : 'failed'} in ${seconds()}`, '\n')
  if (code === 0) return
  process.stderr.write(`${said.trimEnd()}\n`)
  fail('What it said stands above.', 'By hand: npm ci, then npm run build.')
}

/** As `main/cli/view/style.ts` decides; that cannot be loaded yet. */
function speaksUnicode() {
  const { env } = process
  if (WINDOWS) return env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined
  return /utf-?8/i.test([env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value) ?? '')
}

/** With the same terminal; what the terminal sends to all (Ctrl-C) is for the child to answer. */
function run(program, words) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: 'inherit' })
    process.on('SIGINT', () => undefined)
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => fail(`${program} cannot be started: ${error.message}`, 'Run npm ci again.'))
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
}

function fail(what, remedy) {
  process.stderr.write(`${what}\n  ${remedy}\n`)
  process.exit(2)
}
