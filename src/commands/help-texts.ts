// What help says of arguments that are not flags, and the examples below it. Commands do not carry these: they are read
// only when somebody asks.

/** What the words of usage lines stand for, in all commands that do not say otherwise. */
const words: Readonly<Record<string, string>> = {
  PKG: 'name of a package; all packages when there is none',
  ROOT: 'a spec to be concretized',
  WHAT: 'a dependency or another choice: `cmake`, `cmake@3.30`, `+shared`, `mpi`, `%gcc@12`',
  command: 'a command and its arguments, to be run there',
  compiler: 'spec of a configured compiler, such as `gcc@13`',
  destination: 'folder to clone into; one in the cache otherwise',
  dir: 'folder of the environment',
  directory: 'folder to be made',
  email: 'e-mail address of whom the key belongs to',
  env: 'name or folder of an environment',
  envfile: 'a manifest, a lockfile (`.lock` or `.json`), or name or folder of another environment',
  environment: 'name or folder of an environment, with `--env`',
  file: 'path of a file',
  filter: 'names, or patterns with `*` and `?` for them; case does not matter',
  folder: 'where to look; the folders of `PATH` otherwise',
  from: 'name or folder as it is',
  grep_args: 'arguments for `grep`',
  installed_specs: 'only what satisfies one of these; `/HASH` names one',
  keyfile: 'file with a public or secret key',
  keys: 'fingerprints, ids or names of keys',
  location: 'file to write',
  mirror: 'name of a mirror',
  name: 'whom the key belongs to',
  names: 'namespaces of repositories; all otherwise',
  namespace: 'namespace of a repository',
  namespace_or_path: 'namespace or folder of a configured repository',
  package: 'name of a package',
  package_or_user: 'names of packages, or of users with `--by-user`',
  path: 'names joined by colons, such as `config:build_jobs`',
  path_or_repo: 'folder or Git URL of a repository',
  repository: 'namespace or folder of a repository; all otherwise',
  rev: 'a Git revision of the repository; `HEAD` otherwise',
  rev1: 'a Git revision; `HEAD^` otherwise',
  rev2: 'a Git revision; `HEAD` otherwise',
  section: 'a section, such as `packages`, `config` or `mirrors`',
  signature: 'file with the signature, when it is not in the file itself',
  spec: 'a package with constraints, such as `hdf5@1.14+mpi %gcc`',
  specs: 'packages with constraints, such as `hdf5@1.14+mpi %gcc`',
  specs_or_files: 'specs, or with `--files` paths below prefixes',
  tag: 'a tag; all tags are listed otherwise',
  to: 'name or folder as it shall be',
  url: 'folder or URL',
  versions: 'versions to checksum; those that can be found otherwise',
  view_path: 'where the view is to be, with `enable`',
  virtual_package: 'name of a virtual, such as `mpi`; all otherwise',
  '{regenerate,enable,disable}': 'what to do with the view',
}

/** Where a word means something of its own. */
const ownWords: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'build-env': { spec: 'the spec whose build environment it is' },
  'buildcache list': { specs: 'only what satisfies one of these' },
  'config add': { path: 'names and a value, joined by colons, such as `config:build_jobs:8`' },
  create: { url: 'URL of an archive: name and version are guessed from it' },
  'env create': { env: 'name of the new environment, or its folder' },
  'env depfile': { specs: 'only the specs of the environment that satisfy one of these, and what they need' },
  'external find': { package: 'what to look for; all that can be found otherwise' },
  fetch: { spec: 'what to fetch; the specs of the environment otherwise' },
  info: { spec: 'name of a package, or a spec that says which versions and variants matter' },
  install: { spec: 'what to install; in an environment all of it otherwise' },
  'mirror add': { mirror: 'what to call it' },
  'repo create': { namespace: 'what its packages are known by; the name of the folder otherwise' },
  spec: { spec: 'what to concretize; the roots of the environment otherwise' },
  stage: { spec: 'what to stage; the specs of the environment otherwise' },
}

export type Example = readonly [command: string, meaning: string]

const examples: Readonly<Record<string, readonly Example[]>> = {
  add: [
    ['spack -e . add hdf5@1.14+mpi', 'one more root'],
    ['spack -e . add -l tools cmake ninja', 'to the list `tools` of the manifest'],
  ],
  'buildcache keys': [['spack buildcache keys --install --trust', 'trust what the configured mirrors are signed with']],
  'buildcache list': [['spack buildcache list -l -v hdf5', 'binaries of hdf5, with hashes and variants']],
  'compiler find': [
    ['spack compiler find', 'compilers in the folders of PATH'],
    ['spack compiler find /opt/gcc-14', 'those below a folder'],
  ],
  concretize: [
    ['spack -e . concretize', 'a lockfile; what it has stays'],
    ['spack -e . concretize -f', 'all anew'],
  ],
  config: [
    ['spack config get packages', 'what applies'],
    ['spack config blame packages', 'and which file and line says so'],
    ['spack config add config:build_jobs:8', 'for you, in all environments'],
  ],
  'config add': [
    ['spack config add config:build_jobs:8', 'for you, in all environments'],
    ['spack -e . config add concretizer:unify:false', "in this environment's manifest"],
  ],
  'env create': [
    ['spack env create -d .', 'in this folder'],
    ['spack env create tools', 'one with a name: `spack -e tools …`'],
    ['spack env create -d new spack.lock', 'what a lockfile has'],
  ],
  'env depfile': [
    ['spack -e . env depfile -o Makefile', 'then `make -j64` installs'],
    ['spack -e . env depfile --make-prefix deps', 'to be included in a Makefile of your own'],
  ],
  'external find': [
    ['spack external find', 'all that can be found'],
    ['spack external find cmake perl', 'these'],
    ['spack external find --not-buildable openssl', 'and never build it'],
  ],
  find: [
    ['spack find -lv', 'with hashes and variants'],
    ['spack find -p %gcc@13', 'prefixes of what gcc 13 compiled'],
    ['spack -e . find', 'roots and specs of an environment'],
  ],
  gc: [
    ['spack gc', 'what nobody asked for and nothing needs'],
    ['spack gc -b', 'keep what others were built with'],
  ],
  install: [
    ['spack install -j16 hdf5+mpi', 'with at most 16 jobs'],
    ['spack -e . install', 'all of an environment'],
  ],
  load: [
    ['spack load hdf5', 'with the shell function of setup-env.sh'],
    ['eval "$(spack load --sh /abcdef1)"', 'without it'],
  ],
  'mirror add': [
    ['spack mirror add ours https://example.com/mirror', 'sources and binaries'],
    ['spack mirror add --type source mine /srv/mirror', 'sources from a folder'],
  ],
  spec: [
    ['spack spec hdf5+mpi', 'the graph'],
    ['spack spec -I -l hdf5+mpi', 'with hashes, and what is installed'],
    ['spack spec --json zlib', 'for programs'],
  ],
  uninstall: [
    ['spack uninstall hdf5@1.12', 'asks before'],
    ['spack uninstall -y --dependents /abcdef1', 'and what needs it, without asking'],
  ],
  why: [
    ['spack why hdf5', 'what decided'],
    ['spack why hdf5 cmake', 'why cmake is there, and which'],
    ['spack why hdf5 +mpi', 'what that would change'],
  ],
}

/** The words of a command's usage line, each with what it stands for; `path` is `env create`. */
export function explainedWords(path: string, positional: string): (readonly [word: string, meaning: string])[] {
  const names = positional.split(/[\s[\]|]+/).filter((word) => word && word !== '...' && word !== '--')
  return [...new Set(names)].flatMap((word) => {
    const meaning = ownWords[path]?.[word] ?? words[word]
    return meaning === undefined ? [] : [[word, meaning] as const]
  })
}

export const examplesOf = (path: string): readonly Example[] => examples[path] ?? []

/** All commands of which there is something to be said, for tests. */
export const explainedCommands = (): string[] => [...Object.keys(ownWords), ...Object.keys(examples)]

/** `spack help --spec`: what can be written in a spec. */
export const specSyntax: readonly Example[] = [
  ['hdf5', 'a package by name'],
  ['hdf5@1.14.3', 'a version: 1.14.3, or one that begins so'],
  ['hdf5@=1.14.3', 'exactly this version'],
  ['hdf5@1.12:1.14', 'a range; `@1.12:` and `@:1.14` are open'],
  ['hdf5@1.12,1.14', 'one of several'],
  ['openssl@git.main=3.2', 'a Git branch, tag or commit, taken for version 3.2'],
  ['hdf5+mpi', 'a variant that is on'],
  ['hdf5~mpi, hdf5 -mpi', 'one that is off'],
  ['hdf5++mpi', 'in its dependencies as well, where they have it'],
  ['hdf5 api=v114', 'a variant with a value'],
  ['hdf5 cflags="-O3 -g"', 'flags for the compiler'],
  ['hdf5 target=zen3', 'for a processor; `os=`, `platform=`'],
  ['hdf5 %gcc@13', 'a direct dependency, such as a compiler'],
  ['hdf5 %c,cxx=gcc %fortran=oneapi', 'a compiler for each language'],
  ['hdf5 ^mpich@4', 'a dependency, also an indirect one'],
  ['hdf5 ^mpi=mpich', 'what provides a virtual'],
  ['builtin.hdf5', 'the package of one repository'],
  ['/abcdef1', 'by its hash'],
]
