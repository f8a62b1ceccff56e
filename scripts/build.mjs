// Bundles the programs. CommonJS on purpose: an ES module entry starts about 8 ms slower on Node 20, and
// make starts install.js once a spec. What a program imports dynamically becomes a chunk that is read on demand.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { practise } from './practice.mjs'

const newest = (path) => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const inputs = ['src', 'templates', 'scripts', 'package.json', 'package-lock.json']
const isCurrent = existsSync('dist/.built') && statSync('dist/.built').mtimeMs >= Math.max(...inputs.map(newest))

async function build() {
  const fresh = `dist.new-${process.pid}`
  await Promise.all([
    bundle(
      fresh,
      'chunks',
      {
        input: {
          'chunks/spack': 'src/main.ts',
          planning: 'src/commands/planning.ts',
          'chunks/concretize-worker': 'src/commands/concretize-worker.ts',
        },
        preserveEntrySignatures: 'allow-extension',
      },
      {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: Object.entries(neededTogether).map(([name, test]) => ({ name, test })),
        },
      },
    ),
    // The installer shares no file with the whole program: few and small ones is what makes it start quickly.
    bundle(
      fresh,
      'install',
      {
        input: { 'install/main': 'src/install/main.ts' },
        plugins: [wholeProgramOutside],
        preserveEntrySignatures: false,
      },
      {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'start', test: neededAlways },
            { name: 'store', test: neededForStores },
            { name: 'installer', test: neededToInstall },
          ],
        },
      },
    ).then(refuseHeavyFinish),
  ])
  writeProgram(fresh, 'spack.js', './chunks/spack.js')
  writeProgram(fresh, 'install.js', './install/main.js')
  writeProgram(fresh, 'concretize-worker.js', './chunks/concretize-worker.js')
  const folders = [fresh, join(fresh, 'chunks'), join(fresh, 'install')]
  const files = prepareFiles(folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))))
  writeFileSync(join(fresh, 'package.json'), '{"type":"commonjs"}\n')
  copyNativeAddons(fresh)
  cpSync('templates', join(fresh, 'templates'), { recursive: true })
  cpSync('src/recipes/guest', join(fresh, 'guest'), {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  })
  await keepLoadingDigest(join(fresh, 'guest'))
  for (const program of ['spack.js', 'install.js']) chmodSync(join(fresh, program), 0o755)
  practise(fresh)
  // Of a library only a small part is ever called.
  cacheCode(files.filter((file) => statSync(file).size < largestOwnBytes))
  writeFileSync(join(fresh, '.built'), '')
  // The old programs stay whole until the new ones are.
  const old = `dist.old-${process.pid}`
  if (existsSync('dist')) renameSync('dist', old)
  renameSync(fresh, 'dist')
  rmSync(old, { recursive: true, force: true })
}

/** Caches code under the flags that V8 has by itself, whatever the build was told in `NODE_OPTIONS`. */
function cacheCode(files) {
  const { NODE_OPTIONS: _, ...env } = process.env
  execFileSync(process.execPath, ['scripts/code-cache.mjs', ...files], { env, stdio: 'inherit' })
}

/** Keeps what programs would otherwise read forty files for. */
async function keepLoadingDigest(guest) {
  const folder = `${guest}.digest`
  await bundle(folder, 'digest', { input: { digest: 'src/recipes/guest-digest.ts' } })
  const { computeLoadingDigest, digestFile } = createRequire(import.meta.url)(resolve(folder, 'digest.js'))
  writeFileSync(join(guest, digestFile), computeLoadingDigest(guest))
  rmSync(folder, { recursive: true })
}

/** Bundles into `folder`; what is imported dynamically goes to files in `chunks` below it. */
async function bundle(folder, chunks, options, output = {}) {
  const { rolldown } = await import('rolldown')
  const made = await rolldown({
    platform: 'node',
    external: [/^node:/, /\.node$/],
    resolve: { conditionNames: ['node', 'import', 'default'] },
    treeshake: true,
    onLog(level, log, handler) {
      if (log.code !== 'EVAL' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') handler(level, log)
    },
    ...options,
  })
  const written = await made.write({
    dir: folder,
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: `${chunks}/[name]-[hash].js`,
    minify: { compress: true, mangle: false, codegen: false },
    comments: false,
    exports: 'named',
    // `require`, because code from a cache cannot import.
    dynamicImportInCjs: false,
    ...output,
  })
  refuseCycles(written.output)
  return written.output
}

/** What comes last of all shall not load the libraries that unpack and verify. */
function refuseHeavyFinish(output) {
  const finish = output.find(({ name }) => name === 'finish')
  const heavy = finish.imports.find((file) => file.includes('/installer-'))
  if (heavy) throw new Error(`\`--finish\` loads ${heavy}: what both need belongs into \`neededForStores\``)
}

/** Files that need each other would be read half done. */
function refuseCycles(output) {
  const files = new Map(output.map((file) => [file.fileName, file.imports ?? []]))
  const done = new Set()
  const visit = (name, path) => {
    if (path.includes(name)) throw new Error(`bundled files need each other: ${[...path, name].join(' → ')}`)
    if (done.has(name)) return
    for (const needed of files.get(name) ?? []) visit(needed, [...path, name])
    done.add(name)
  }
  for (const name of files.keys()) visit(name, [])
}

/**
 * What commands that do more than print something need together: to find, read and set up a file takes half a millisecond,
 * whatever its size.
 */
const neededTogether = {
  // No two of these need each other: each needs only those above it.
  configuration: inSources({
    config:
      'condition condition-syntax configuration defaults edit include include-condition legacy merge node padding paths remote-include repository-list scope scope-stack sections setting setting-path settings-cache settings-file substitution',
    environment: 'environment',
    recipes: 'background-stamps file-stamps index-stamps index-table stat-listing',
    store: 'configured-store prefix-metadata store',
    commands: 'configured',
    ui: 'json-fault',
    '': 'clock digest engine folders koffi program shell-beside whole-file',
  }),
  lockfiles: inSources({
    spec: 'characters json node-dependencies old-node quoting spec text-order variant-text version version-list',
    environment: 'lockfile lockfile-checks lockfile-legacy lockfile-roots',
    commands: 'locked',
  }),
  specs: inSources({
    spec: 'arch base32 colour compare compiler-names constrain declared-variants dependency-list dependency-relations facts flags format format-attributes format-compilers hash marked-line microarchitectures node node-attributes node-checks node-legacy override parser print projection satisfies scanner spec-file target target-flags target-range toolchain traverse traverse-edges tree variants',
    config: 'host lookup',
    environment: 'locked-specs manifest matrix spec-list spec-reader view-descriptor',
    ui: 'columns',
  }),
  recipes: inSources({
    recipes:
      'configured-repositories constraint-text declaration default-variants description facts git guest-digest guest-process index-glance index-links json-value package-tags possible-dependencies questions recipe-index repository repository-clone repository-path runtime-constraints version-fetch version-url versions virtual-facts virtuals',
    commands: 'recipes',
  }),
  stores: inSources({
    store:
      'database fcntl fold index-file journal json-slices lock old-format prefix-lock prefixes query random-text record registration spec-file transaction unreadable upstream world',
    commands: 'query-facts installed question',
    ui: 'spec-listing',
  }),
  concretizer: inSources({
    '(?:concretize|solver|detection)': '[\\w-]+',
    commands:
      'concrete-matches concretize-requests concretizer-flags concretizer-world database-pile non-defaults spec-trees specs-by-hash',
  }),
}

/** A pattern for source files, by folder. */
function inSources(names) {
  const folders = Object.entries(names).map(
    ([folder, list]) => `${folder && `${folder}/`}(?:${list.replaceAll(' ', '|')})`,
  )
  return new RegExp(`/src/(?:${folders.join('|')})\\.(?:ts|json)$`)
}

/** What every spec that is not there needs, although others need some of it, too: one file is read sooner than five. */
const neededToInstall = new RegExp(
  [
    'src/archive/tar-reader\\.ts$',
    'src/install/(archive|relocation)/',
    'src/engine\\.ts$',
    'src/install/(buildinfo|flow-yaml|install-spec|install-times|outcome|permissions|progress|sbang)\\.ts$',
    'src/buildcache/(armour|binary|blob|layout-v2|location|manifest|signature|signature-packet|transport|trusted-key)\\.ts$',
  ].join('|'),
)

/** What every installer needs, also one that has nothing to do. */
const neededAlways = new RegExp(
  [
    'rolldown/runtime',
    'src/install/(main|installer|install-flags|install-plan|plan-file|plan-inputs|publish)\\.ts$',
    'src/(clock|folders)\\.ts$',
    'src/store/(removed-prefix|prefix-metadata)\\.ts$',
    'src/ui/(error|output|system-fault)\\.ts$',
  ].join('|'),
)

/** What `--finish` needs as well. */
const neededForStores =
  /src\/(store\/(fcntl|journal|lock|prefix-lock|random-text|store|unreadable)|install\/build-prefix|koffi|program|ui\/terminal|whole-file)\.ts$/

/** Where the installer needs the whole program, it takes the one beside it. */
const wholeProgramOutside = {
  name: 'whole-program-outside',
  resolveId: (source) => (source.endsWith('/commands/planning.ts') ? { id: '../planning.js', external: true } : null),
}

const largestOwnBytes = 400_000

/**
 * A shell takes this for its script, Node for a text. Node reads NODE_EXTRA_CA_CERTS at each start, and all certificates with it:
 * that triples the time it takes. What needs them reads them itself, from the other variable.
 */
const shellStart = `#!/bin/sh
':' //; [ -z "$NODE_EXTRA_CA_CERTS" ] || { export SPACK_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"; unset NODE_EXTRA_CA_CERTS; }; exec node "$0" "$@"
`

/** A program that make or a shell starts: the quick start, and then what it is about. */
function writeProgram(folder, name, main) {
  const start = readFileSync('scripts/cached-start.cjs', 'utf8')
  writeFileSync(join(folder, name), `${shellStart}${start}\nrequire('${main}')\n`)
}

function prepareFiles(paths) {
  const files = paths.filter((path) => path.endsWith('.js') && !/^#!/.test(readFileSync(path, 'utf8')))
  for (const file of files) writeFileSync(file, asciiCode(loadingLate(readFileSync(file, 'utf8'))))
  refuseEarlyLibraries(files)
  return files
}

/** Libraries of Node that take a millisecond or more to load, while most commands that name them never call them. */
const loadedLate = ['child_process', 'crypto', 'v8', 'readline', 'worker_threads', 'net', 'http', 'https', 'zlib']

/** Has them loaded where they are first used, not where a file begins. */
function loadingLate(code) {
  let text = code
  for (const name of loadedLate) {
    const own = `node_${name}`
    const declared = new RegExp(`(\\blet |, )${own} = require\\("node:${name}"\\)(, |;)`).exec(text)
    // What is imported whole is set once more, as a module.
    const settings = text.match(new RegExp(`\\b${own} = `, 'g'))?.length
    if (!declared || settings !== 1) continue
    const [whole, before, after] = declared
    const rest = before === 'let ' ? (after === ';' ? '' : before) : after
    text = text.replace(whole, rest).replace(new RegExp(`\\b${own}\\b`, 'g'), `(require("node:${name}"))`)
  }
  return text
}

/** If the bundler came to write imports in another way, nothing would be loaded late, and nobody would see it. */
function refuseEarlyLibraries(files) {
  const earlyLibrary = new RegExp(` = require\\("node:(${loadedLate.join('|')})"\\)`)
  const main = files.filter((file) => /\/chunks\/(spack|configuration|specs|recipes|concretizer)[-.]/.test(file))
  for (const file of main) {
    const [, early] = earlyLibrary.exec(readFileSync(file, 'utf8')) ?? []
    if (early) throw new Error(`${file} loads \`node:${early}\` where it begins`)
  }
}

/** V8 keeps a text in half the memory when it is all ASCII. Beyond it there is only what strings and patterns hold. */
const asciiCode = (code) =>
  code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Copies koffi's prebuilt library beside the programs: loaded directly it costs 1 ms, through its package 10 ms. */
function copyNativeAddons(folder) {
  const scope = 'node_modules/@koromix'
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    for (const triplet of readdirSync(join(scope, name), { withFileTypes: true })) {
      const addon = join(scope, name, triplet.name, 'koffi.node')
      if (!triplet.isDirectory() || !existsSync(addon)) continue
      mkdirSync(join(folder, 'native'), { recursive: true })
      copyFileSync(addon, join(folder, 'native', `koffi-${triplet.name}.node`))
    }
  }
}

if (!isCurrent || process.argv.includes('--force')) await build()
