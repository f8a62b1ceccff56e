// Bundles the two programs. CommonJS on purpose: an ES module entry starts about 8 ms slower on Node 20, and
// make starts install.js once a spec. What a program imports dynamically becomes a chunk that is read on demand.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const newest = (path) => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const inputs = ['src', 'templates', 'scripts/build.mjs', 'package.json', 'package-lock.json']
const isCurrent = existsSync('dist/.built') && statSync('dist/.built').mtimeMs >= Math.max(...inputs.map(newest))
if (!isCurrent || process.argv.includes('--force')) await build()

async function build() {
  const fresh = `dist.new-${process.pid}`
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({
    input: { spack: 'src/main.ts', install: 'src/install/main.ts' },
    platform: 'node',
    external: [/^node:/, /\.node$/],
    resolve: { conditionNames: ['node', 'import', 'default'] },
    treeshake: true,
    onLog(level, log, handler) {
      if (log.code !== 'EVAL') handler(level, log)
    },
  })
  await bundle.write({
    dir: fresh,
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: false },
    exports: 'named',
  })
  writeFileSync(join(fresh, 'package.json'), '{"type":"commonjs"}\n')
  copyNativeAddons(fresh)
  cpSync('templates', join(fresh, 'templates'), { recursive: true })
  cpSync('src/recipes/guest', join(fresh, 'guest'), {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  })
  for (const program of ['spack.js', 'install.js']) chmodSync(join(fresh, program), 0o755)
  writeFileSync(join(fresh, '.built'), '')
  // The old programs stay whole until the new ones are.
  const old = `dist.old-${process.pid}`
  if (existsSync('dist')) renameSync('dist', old)
  renameSync(fresh, 'dist')
  rmSync(old, { recursive: true, force: true })
}

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
