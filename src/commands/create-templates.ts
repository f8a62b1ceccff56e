// What a new recipe begins as, by build system: its class, what is in front of its name, and what is still to be filled in.

export interface RecipeTemplate {
  /** The base class, and the module of `build_systems` that has it. */
  base: string
  module: string
  /** Names of packages of this kind begin with this. */
  prefix?: string
  /** Lines below the versions. */
  dependencies?: readonly string[]
  /** Lines at the end. */
  body?: readonly string[]
  /** There is nothing to be fetched. */
  hasNoCode?: boolean
  /** The base class knows the license. */
  hasLicense?: boolean
}

const moreDependencies = ['# FIXME: add what else the package needs', '# depends_on("foo")']

const argumentsMethod = (name: string, what: string): string[] => [
  `def ${name}(self):`,
  `    # FIXME: ${what}; delete the method if there is nothing`,
  '    return []',
]

export const recipeTemplates: Readonly<Record<string, RecipeTemplate>> = {
  autoreconf: {
    base: 'AutotoolsPackage',
    module: 'autotools',
    dependencies: [
      ...['autoconf', 'automake', 'libtool', 'm4'].map((name) => `depends_on("${name}", type="build")`),
      '',
      ...moreDependencies,
    ],
    body: [
      'def autoreconf(self, spec, prefix):',
      '    # FIXME: whatever makes `configure`',
      '    autoreconf("--install", "--verbose", "--force")',
      '',
      ...argumentsMethod('configure_args', 'arguments of `configure` besides --prefix'),
    ],
  },
  autotools: {
    base: 'AutotoolsPackage',
    module: 'autotools',
    body: argumentsMethod('configure_args', 'arguments of `configure` besides --prefix'),
  },
  bazel: {
    base: 'Package',
    module: 'generic',
    dependencies: ['depends_on("bazel", type="build")', '', ...moreDependencies],
    body: ['def install(self, spec, prefix):', '    # FIXME: build and install', '    bazel()'],
  },
  bundle: {
    base: 'BundlePackage',
    module: 'bundle',
    hasNoCode: true,
    body: ['# There is no code, and so nothing to be installed.'],
  },
  cargo: { base: 'CargoPackage', module: 'cargo' },
  cmake: {
    base: 'CMakePackage',
    module: 'cmake',
    body: argumentsMethod('cmake_args', 'arguments of `cmake` besides CMAKE_INSTALL_PREFIX and CMAKE_BUILD_TYPE'),
  },
  generic: {
    base: 'Package',
    module: 'generic',
    body: [
      'def install(self, spec, prefix):',
      '    # FIXME: the build system is not known',
      '    make()',
      '    make("install")',
    ],
  },
  go: { base: 'GoPackage', module: 'go' },
  intel: { base: 'IntelOneApiPackage', module: 'oneapi', hasLicense: true },
  lua: {
    base: 'LuaPackage',
    module: 'lua',
    prefix: 'lua-',
    body: argumentsMethod('luarocks_args', 'arguments of `luarocks make` besides the rockspec'),
  },
  makefile: {
    base: 'MakefilePackage',
    module: 'makefile',
    body: [
      'def edit(self, spec, prefix):',
      '    # FIXME: change the Makefile; delete the method if there is nothing to change',
      '    # filter_file("^CC *=.*", "CC = cc", "Makefile")',
      '    pass',
    ],
  },
  maven: { base: 'MavenPackage', module: 'maven' },
  meson: {
    base: 'MesonPackage',
    module: 'meson',
    body: argumentsMethod('meson_args', 'arguments of `meson setup`'),
  },
  octave: {
    base: 'OctavePackage',
    module: 'octave',
    prefix: 'octave-',
    dependencies: ['extends("octave")', '', ...moreDependencies],
  },
  perlbuild: {
    base: 'PerlPackage',
    module: 'perl',
    prefix: 'perl-',
    dependencies: ['depends_on("perl-module-build", type="build")', '', ...moreDependencies],
    body: argumentsMethod('configure_args', 'arguments of `Build.PL`'),
  },
  perlmake: {
    base: 'PerlPackage',
    module: 'perl',
    prefix: 'perl-',
    body: argumentsMethod('configure_args', 'arguments of `Makefile.PL`'),
  },
  python: {
    base: 'PythonPackage',
    module: 'python',
    prefix: 'py-',
    dependencies: [
      '# FIXME: the versions of Python, if not all of them will do',
      '# depends_on("python@3.X:", type=("build", "run"))',
      '',
      '# FIXME: what builds it, as pyproject.toml says',
      '# depends_on("py-setuptools", type="build")',
      '',
      '# FIXME: what else it imports',
      '# depends_on("py-foo", type=("build", "run"))',
    ],
    body: [
      'def config_settings(self, spec, prefix):',
      '    # FIXME: settings for the build; delete the method if there are none',
      '    return {}',
    ],
  },
  qmake: {
    base: 'QMakePackage',
    module: 'qmake',
    body: argumentsMethod('qmake_args', 'arguments of `qmake`'),
  },
  r: {
    base: 'RPackage',
    module: 'r',
    prefix: 'r-',
    dependencies: ['# FIXME: what else it imports', '# depends_on("r-foo", type=("build", "run"))'],
    body: argumentsMethod('configure_args', 'what goes into --configure-args'),
  },
  racket: { base: 'RacketPackage', module: 'racket', prefix: 'rkt-' },
  ruby: {
    base: 'RubyPackage',
    module: 'ruby',
    prefix: 'ruby-',
    dependencies: ['# FIXME: what else it needs', '# depends_on("ruby-foo", type=("build", "run"))'],
  },
  scons: {
    base: 'SConsPackage',
    module: 'scons',
    body: ['def build_args(self, spec, prefix):', '    # FIXME: arguments of `scons`', '    return []'],
  },
  sip: { base: 'SIPPackage', module: 'sip' },
  waf: { base: 'WafPackage', module: 'waf' },
}

/** What of an archive speaks for a build system. The first file from the top that matches one decides. */
export const buildSystemClues: readonly (readonly [RegExp, string])[] = [
  [/\/CMakeLists\.txt$/, 'cmake'],
  [/\/NAMESPACE$/, 'r'],
  [/\/Cargo\.toml$/, 'cargo'],
  [/\/go\.mod$/, 'go'],
  [/\/configure$/, 'autotools'],
  [/\/configure\.(?:in|ac)$/, 'autoreconf'],
  [/\/Makefile\.am$/, 'autoreconf'],
  [/\/pom\.xml$/, 'maven'],
  [/\/SConstruct$/, 'scons'],
  [/\/waf$/, 'waf'],
  [/\/pyproject\.toml$/, 'python'],
  [/\/setup\.(?:py|cfg)$/, 'python'],
  [/\/WORKSPACE$/, 'bazel'],
  [/\/Build\.PL$/, 'perlbuild'],
  [/\/Makefile\.PL$/, 'perlmake'],
  [/\.gemspec$/, 'ruby'],
  [/\/Rakefile$/, 'ruby'],
  [/\/setup\.rb$/, 'ruby'],
  [/\.pro$/, 'qmake'],
  [/\.rockspec$/, 'lua'],
  [/\/(?:GNU)?[Mm]akefile$/, 'makefile'],
  [/\/DESCRIPTION$/, 'octave'],
  [/\/meson\.build$/, 'meson'],
  [/\/configure\.py$/, 'sip'],
]

/** What of a URL alone does. */
export const urlClues: readonly (readonly [RegExp, string])[] = [
  [/downloads\.sourceforge\.net\/octave\//, 'octave'],
  [/\.gem$/, 'ruby'],
  [/\.whl(?:#|$)/, 'python'],
  [/\.rock$/, 'lua'],
]

/** Languages by the ends of names of files. */
export const languageClues: readonly (readonly [RegExp, string])[] = [
  [/\.c$/, 'c'],
  [/\.(?:C|c\+\+|cc|ccm|cpp|CPP|cxx|h\+\+|hh|hpp|hxx|inl|ipp|ixx|tcc|tpp)$/, 'cxx'],
  [/\.(?:f77|F77|f90|F90|f95|F95|f|F|for|FOR|ftn|FTN)$/, 'fortran'],
]
