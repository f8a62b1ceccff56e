// What recipes set when an environment is activated.
//
//   app ──(run)──▶ tool        app sets APP_HOME and extends APP_PATH; tool sets TOOL_OF_APP

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BuiltPackage, makeBuildWorld } from '../support/build-world.ts'
import { runSpack } from '../support/program.ts'

const test = suite('run variables')

const install = `
def install(self, spec, prefix):
    mkdirp(prefix.bin)
    touch(join_path(prefix.bin, self.name))
`
const app = (value: string): BuiltPackage => ({
  needs: ['tool:run'],
  recipe: `VERSION
depends_on("tool", type="run")
${install}
def setup_run_environment(self, env):
    env.set("APP_HOME", self.prefix)
    env.prepend_path("APP_PATH", join_path(self.prefix, "share/"))
    env.append_path("APP_PATH", "/always/last")
    env.set("APP_VALUE", ${value})
    env.set("odd name", "1")
    env.prepend_path("APP_PATTERNS", "/mine/?.lua", separator=";")
    env.append_flags("APP_FLAGS", "-g")
`,
})
const tool: BuiltPackage = {
  recipe: `VERSION
${install}
def setup_dependent_run_environment(self, env, dependent_spec):
    env.set("TOOL_OF_" + dependent_spec.name.upper(), self.prefix.bin.tool)
`,
}

function world() {
  const w = makeBuildWorld({ app: app('"it\'s"'), tool })
  const view = join(w.environment, '.spack-env/view')
  writeFileSync(join(w.environment, 'spack.yaml'), 'spack:\n  specs: [app]\n  view: true\n')
  const built = w.install()
  assert.is(built.code, 0, built.stderr)
  const activate = (environ: NodeJS.ProcessEnv = {}, command = ['activate', '--sh', w.environment]) =>
    runSpack(['env', ...command], { env: { ...w.environ, ...environ } })
  return { w, view, activate }
}

test('roots and what they need to run set variables, with places in the view; the answer is kept', () => {
  const { w, view, activate } = world()
  const { code, stdout, stderr } = activate()
  assert.is(code, 0, stderr)
  const variable = (name: string) => new RegExp(`export ${name}=(.*?);?$`, 'm').exec(stdout)?.[1]
  assert.is(variable('APP_HOME'), view)
  assert.is(variable('APP_PATH'), `${view}/share:/always/last`)
  assert.is(variable('TOOL_OF_APP'), `${view}/bin/tool`)
  assert.match(stdout, /APP_VALUE=.*it/)
  assert.match(stderr, /`set` of the variable `odd name` is left out/)
  const before = { APP_PATTERNS: '/a:b;/c', APP_FLAGS: '-O2 -O2' }
  const other = activate(before).stdout
  assert.match(other, "APP_PATTERNS='/mine/?.lua;/a:b;/c'")
  assert.match(other, "APP_FLAGS='-O2 -O2 -g'")
  // Python is not started again.
  assert.is(activate({ SPACK_PYTHON: '/no/python' }).stdout, stdout)
  const left = activate({ SPACK_ENV: w.environment, SPACK_ENV_VIEW: 'default', APP_HOME: view, APP_FLAGS: '-O2 -g' }, [
    'deactivate',
    '--sh',
  ])
  assert.match(left.stdout, 'APP_FLAGS=-O2;')
  assert.match(left.stdout, /APP_HOME/)
  w.writeRecipe('app', app('"changed"'))
  assert.match(activate().stdout, /APP_VALUE=.*changed/)
})

test('what a script sets when it is sourced is set, with additions to lists', () => {
  const script = `
def install(self, spec, prefix):
    mkdirp(prefix.bin)
    with open(prefix.bin.vars, "w") as file:
        file.write('export VARS_HOME="$1" VARS_PATH=/a NEW=x:y OLD="/front:$OLD:/end" LMOD_X=1 HIDDEN=1\\nunset GONE\\n')
def setup_run_environment(self, env):
    env.extend(EnvironmentModifications.from_sourcing_file(self.prefix.bin.vars, self.prefix, exclude=["HIDD(.*)"]))
`
  const w = makeBuildWorld({ app: { recipe: `VERSION\n${script}` } })
  writeFileSync(join(w.environment, 'spack.yaml'), 'spack:\n  specs: [app]\n  view: true\n')
  const built = w.install()
  assert.is(built.code, 0, built.stderr)
  const environ = { ...w.environ, OLD: '/mid', GONE: '1', LANG: 'C' }
  const { stdout, stderr } = runSpack(['env', 'activate', '--sh', w.environment], { env: environ })
  assert.is(stderr, '')
  for (const part of ['VARS_HOME=', 'VARS_PATH=/a', 'NEW=x:y', 'OLD=/front:/mid:/end', 'unset GONE']) {
    assert.match(stdout, part)
  }
  assert.match(stdout, `VARS_HOME=${w.environment}/.spack-env/view;`)
  assert.not.match(stdout, /LMOD_X|HIDDEN/)
  // Of an active environment nothing is left when the script is sourced again.
  w.writeRecipe('app', { recipe: `VERSION\n${script}\n# changed` })
  const active = {
    ...environ,
    SPACK_ENV: w.environment,
    SPACK_ENV_VIEW: 'default',
    OLD: '/front:/mid:/end',
    NEW: 'x:y',
  }
  runSpack(['env', 'activate', '--sh', w.environment], { env: active })
  const kept = { ...environ, SPACK_PYTHON: '/no/python' }
  // Save that what the shell has kept for deactivation cannot be known.
  const withoutGone = (text: string) => text.replace(/.*GONE.*\n/g, '')
  const later = runSpack(['env', 'activate', '--sh', w.environment], { env: kept }).stdout
  assert.is(withoutGone(later), withoutGone(stdout))
})

test('when a recipe fails, or is gone, the rest is set and it is said', () => {
  const { w, view, activate } = world()
  w.writeRecipe('app', app('1 / 0'))
  const failed = activate()
  assert.is(failed.code, 0)
  assert.match(
    failed.stderr,
    /Warning: .*app\/package\.py:\d+: variables that recipes set are not set: ZeroDivisionError/,
  )
  assert.match(failed.stdout, `PATH=${view}/bin`)
  assert.not.match(failed.stdout, 'APP_HOME')
  rmSync(join(w.repository, 'packages/app'), { recursive: true })
  assert.match(activate().stderr, /there is no recipe of app/)
})

test('without repositories the rest is set, and whose variables are missing is said', () => {
  const { w, view, activate } = world()
  writeFileSync(join(w.home, 'user-config/repos.yaml'), `repos:: {tiny: {git: "file://${w.home}/none.git"}}\n`)
  const { code, stdout, stderr } = activate()
  assert.is(code, 0)
  assert.match(stdout, `PATH=${view}/bin`)
  assert.match(stderr, 'variables that these recipes set themselves are not set: app, tool')
})

test.run()
