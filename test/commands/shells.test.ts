// The setup scripts and what activation prints, in the shells themselves. A shell that is not installed is skipped.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isolated, runSpack, spackProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'

const test = suite('shells')

const templates = fileURLToPath(new URL('../../dist/templates', import.meta.url))

interface Shell {
  name: string
  program: string
  args: (script: string) => string[]
  setup: string
  /** Prints the environment between two marks. */
  dump: (mark: string) => string
  status: string
}

const bourne = (name: string, flags: string[], setup = `. '${templates}/setup-env.sh'`): Shell => ({
  name,
  program: name,
  args: (script) => [...flags, '-c', script],
  setup,
  dump: (mark) => `echo '<${mark}>'; env; echo '</${mark}>'`,
  status: '$?',
})

const shells: Shell[] = [
  bourne('bash', ['--norc']),
  bourne('zsh', ['-f']),
  // It does not say which file it reads.
  bourne('dash', [], `SPACK_PROGRAM='${spackProgram}'; . '${templates}/setup-env.sh'; unset SPACK_PROGRAM`),
  { ...bourne('fish', ['--no-config']), setup: `source '${templates}/setup-env.fish'`, status: '$status' },
  {
    ...bourne('tcsh', []),
    args: (script) => ['-f', '-c', script],
    setup: `source ${templates}/setup-env.csh`,
    status: '$status',
  },
]

/** A home with an environment `one`, which changes variables of every kind, and a plain environment in the folder `two`. */
function makeHome(): { dir: string; env: NodeJS.ProcessEnv } {
  const dir = scratch()
  const env = {
    ...isolated(dir),
    TERM: 'dumb',
    PLAIN: 'was here',
    LIST: '/l',
    GONE: 'comes back: $HOME `x` "y" \'z\' !w',
    MANPATH: '/usr/man',
    CMAKE_PREFIX_PATH: '/mine',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    NODE: process.execPath,
  }
  // The program's first line asks env for node.
  mkdirSync(join(dir, 'bin'))
  writeFileSync(join(dir, 'bin/node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 })
  env.PATH = `${join(dir, 'bin')}:${env.PATH}`
  mkdirSync(join(dir, 'two'))
  writeFileSync(join(dir, 'two/spack.yaml'), 'spack:\n  view: false\n  env_vars: {set: {PLAIN: two}}\n')
  const one = join(dir, 'spack/var/spack/environments/one')
  mkdirSync(one, { recursive: true })
  writeFileSync(
    join(one, 'spack.yaml'),
    `spack:
  env_vars:
    set: {PLAIN: "a b'c\\"d $HOME \`x\` !y", NEW: new}
    unset: [GONE]
    prepend_path: {LIST: /first}
    append_path: {LIST: /last}
`,
  )
  return { dir, env }
}

type Variables = Record<string, string>

interface Run {
  code: number | null
  output: string
  stderr: string
  variables: (mark: string) => Variables
}

function runShell(shell: Shell, lines: string[], home = makeHome()): Run {
  const script = [shell.setup, ...lines].join('\n')
  const done = spawnSync(shell.program, shell.args(script), { env: home.env, cwd: home.dir, encoding: 'utf8' })
  const variables = (mark: string) => {
    const text = done.stdout.split(`<${mark}>\n`)[1]?.split(`</${mark}>`)[0] ?? ''
    const pairs = text.split('\n').filter((line) => line.includes('='))
    const kept = pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
    // Of the shells' own making.
    return Object.fromEntries(kept.filter(([name]) => !['_', 'SHLVL', 'OLDPWD', 'PWD', 'PS1'].includes(name)))
  }
  return { code: done.status, output: done.stdout, stderr: done.stderr, variables }
}

for (const shell of shells) {
  const isThere = !spawnSync(shell.program, ['-c', 'exit 0']).error
  const check = (name: string, callback: () => void) => {
    if (isThere) test(`${shell.name}: ${name}`, callback)
    else {
      console.log(`skipped, ${shell.program} is not installed: ${name}`)
      test.skip(`${shell.name}: ${name}`, callback)
    }
  }

  check('activating sets variables, deactivating brings all of them back', () => {
    const home = makeHome()
    const run = runShell(
      shell,
      [shell.dump('start'), 'spack env activate one', shell.dump('active'), 'spack env deactivate', shell.dump('end')],
      home,
    )
    assert.is(run.stderr, '')
    const view = join(home.dir, 'spack/var/spack/environments/one/.spack-env/view')
    const active = run.variables('active')
    assert.is(active.SPACK_ENV_VIEW, 'default')
    assert.is(active.PLAIN, 'a b\'c"d $HOME `x` !y')
    assert.is(active.NEW, 'new')
    assert.is(active.GONE, undefined)
    assert.is(active.LIST, '/first:/l:/last')
    assert.is(active.MANPATH, `${view}/share/man:${view}/man:/usr/man:`)
    assert.is(active.PATH, `${view}/bin:${home.env.PATH}`)
    assert.is(active.CMAKE_PREFIX_PATH, `${view}:/mine`)
    assert.equal(run.variables('end'), run.variables('start'))
  })

  check('from one environment to the next and back to none', () => {
    const run = runShell(shell, [
      shell.dump('start'),
      'spack env activate one',
      'spack env activate ./two',
      shell.dump('two'),
      'spack env deactivate',
      shell.dump('end'),
    ])
    assert.is(run.stderr, '')
    const { SPACK_ENV, ...two } = run.variables('two')
    assert.match(SPACK_ENV!, /\/two$/)
    assert.equal(two, { ...run.variables('start'), PLAIN: 'two' })
    assert.equal(run.variables('end'), run.variables('start'))
  })

  check('the active environment is that of commands, failures are failures, and help is not evaluated', () => {
    const run = runShell(shell, [
      'spack env activate --help',
      'spack env activate -V one',
      'spack env status',
      'spack env activate nosuch',
      `echo "code ${shell.status}"`,
      shell.dump('after'),
      'spack --color never env deactivate',
      'spack env status',
    ])
    assert.match(run.output, /^usage: spack env activate [\s\S]*==> In environment one\n[\s\S]*code 1\n/)
    assert.match(run.output, /==> No active environment\n$/)
    assert.match(run.stderr, /no environment `nosuch`/)
    assert.match(run.variables('after').SPACK_ENV ?? '', /\/one$/)
  })

  check('packages are loaded and unloaded by the function as well', () => {
    const home = makeHome()
    home.env.SPACK_LOADED_HASHES = 'gone'
    const lines = ['spack load nosuch', `echo "code ${shell.status}"`, 'spack load --list', 'spack unload --all']
    const run = runShell(shell, [...lines, shell.dump('end')], home)
    assert.match(run.output, /^code 1\n/)
    assert.match(run.stderr, /`nosuch` matches no installed packages[\s\S]*\/gone is loaded, but no longer installed/)
    assert.is(run.variables('end').SPACK_LOADED_HASHES, undefined)
  })

  check('a static activation is a file that needs no Spack, and does the same', () => {
    const home = makeHome()
    const flag = shell.name === 'tcsh' ? '--csh' : shell.name === 'fish' ? '--fish' : '--sh'
    const { stdout } = runSpack(['env', 'activate', flag, '--static', 'one'], { env: home.env, cwd: home.dir })
    writeFileSync(join(home.dir, 'activation'), stdout)
    const source = flag === '--sh' ? '. ./activation' : 'source activation'
    const lines = [shell.dump('start'), source, shell.dump('static'), 'spack env deactivate', shell.dump('end')]
    const run = runShell(shell, [...lines, 'spack env activate one', shell.dump('active')], home)
    assert.is(run.stderr, '')
    // Whether MANPATH was open at its end is not kept; a man page is found all the same.
    const open = (variables: Variables) => ({ ...variables, MANPATH: variables.MANPATH!.replace(/:?$/, ':') })
    assert.equal(run.variables('static'), run.variables('active'))
    assert.equal(run.variables('end'), open(run.variables('start')))
  })
}

test('what is printed can be evaluated with blanks for line ends, as backquotes give it', () => {
  const home = makeHome()
  const text = runSpack(['env', 'activate', '--sh', '-p', 'one'], { env: home.env, cwd: home.dir }).stdout
  const script = `PS1='$ '; eval $(cat "$1"); echo "$PS1|$SPACK_ENV_VIEW|$NEW"`
  writeFileSync(join(home.dir, 'text'), text)
  const done = spawnSync('bash', ['--norc', '-c', script, 'bash', join(home.dir, 'text')], {
    env: home.env,
    encoding: 'utf8',
  })
  assert.is(done.stderr, '')
  assert.is(done.stdout, '[one] $ |default|new\n')
})

test('the prompt shows the environment in colour where the terminal has some, and comes back', () => {
  const home = makeHome()
  const env = { ...home.env, TERM: 'xterm-256color' }
  const script = `. '${templates}/setup-env.sh'; PS1='$ '; spack env activate -p one; echo "$PS1"; spack env deactivate; echo "$PS1"`
  const done = spawnSync('bash', ['--norc', '-c', script], { env, cwd: home.dir, encoding: 'utf8' })
  assert.is(done.stdout, '\\[\\033[0;92m\\][one]\\[\\033[0m\\] $ \n$ \n')
})

test.run()
