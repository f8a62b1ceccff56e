// The settings that hold when nobody says otherwise. They are the same facts as in the `defaults` folder of a Spack
// installation, which is read instead where there is one.

import { availableParallelism } from 'node:os'
import { type ConfigEntry, type ConfigValue, makeNode } from './node.ts'
import { internalScope, type Scope } from './scope.ts'
import type { SectionName } from './sections.ts'

type Sections = Partial<Record<SectionName, ConfigValue>>

/** The defaults as a scope of their own. */
export const builtInDefaults = (): Scope => scopeOf('defaults', sectionDefaults)

/** What must be set even where an installation's own defaults leave it out. */
export const fallbackDefaults = (): Scope => scopeOf('_builtin', fallbackSection)

function scopeOf(name: string, sectionOf: (name: SectionName) => ConfigValue | undefined): Scope {
  const mark = { file: name === 'defaults' ? 'built-in' : name, line: 0 }
  const made = new Map<SectionName, ConfigEntry | undefined>()
  return internalScope(name, 'defaults', (section) => {
    if (!made.has(section)) {
      const value = sectionOf(section)
      const entry =
        value === undefined
          ? undefined
          : { key: section, strategy: 'merge' as const, mark, value: makeNode(value, mark) }
      made.set(section, entry)
    }
    return made.get(section)
  })
}

function fallbackSection(name: SectionName): ConfigValue | undefined {
  if (name === 'concretizer') return { externals: { completion: 'default_variants' } }
  if (name !== 'config') return undefined
  return {
    debug: false,
    connect_timeout: 10,
    verify_ssl: true,
    checksum: true,
    dirty: false,
    build_jobs: Math.min(16, availableParallelism()),
    build_stage: '$tempdir/spack-stage',
    license_dir: '$spack/etc/spack/licenses',
  }
}

function sectionDefaults(name: SectionName): ConfigValue | undefined {
  switch (name) {
    case 'packages':
      return packageDefaults()
    case 'modules':
      return moduleDefaults()
    default:
      return sections[name]
  }
}

const sections: Sections = {
  config: {
    install_tree: {
      root: '$spack/opt/spack',
      projections: { all: '{architecture.platform}-{architecture.target}/{name}-{version}-{hash}' },
    },
    template_dirs: ['$spack/share/spack/templates'],
    license_dir: '$spack/etc/spack/licenses',
    build_stage: ['$tempdir/$user/spack-stage', '$user_cache_path/stage'],
    test_stage: '$user_cache_path/test',
    source_cache: '$spack/var/spack/cache',
    misc_cache: '$user_cache_path/cache',
    connect_timeout: 30,
    verify_ssl: true,
    ssl_certs: '$SSL_CERT_FILE',
    suppress_gpg_warnings: false,
    checksum: true,
    deprecated: false,
    dirty: false,
    build_language: 'C',
    locks: true,
    url_fetch_method: 'urllib',
    build_jobs: 16,
    concurrent_packages: 1,
    installer: 'old',
    ccache: false,
    db_lock_timeout: 60,
    package_lock_timeout: null,
    shared_linking: { type: 'rpath', bind: false, missing_library_policy: 'ignore' },
    allow_sgid: true,
    install_status: true,
    binary_index_ttl: 600,
    flags: { keep_werror: 'none' },
    aliases: { concretise: 'concretize', containerise: 'containerize', rm: 'remove' },
    debug: false,
  },
  concretizer: {
    reuse: true,
    targets: { granularity: 'microarchitectures', host_compatible: true },
    unify: true,
    duplicates: {
      strategy: 'minimal',
      max_dupes: {
        default: 1,
        c: 2,
        cxx: 2,
        fortran: 1,
        cmake: 2,
        gmake: 2,
        python: 2,
        'python-venv': 2,
        'py-cython': 2,
        'py-flit-core': 2,
        'py-pip': 2,
        'py-setuptools': 2,
        'py-versioneer': 2,
        'py-wheel': 2,
        'xcb-proto': 2,
        gcc: 2,
        llvm: 2,
      },
    },
    os_compatible: {},
    compiler_mixing: true,
    splice: { explicit: [], automatic: false },
    timeout: 0,
    error_on_timeout: true,
    static_analysis: false,
    concretization_cache: { enable: false },
    externals: { completion: 'default_variants' },
  },
  mirrors: { 'spack-public': { binary: false, url: 'https://mirror.spack.io' } },
  repos: { builtin: { git: 'https://github.com/spack/spack-packages.git' } },
  bootstrap: { enable: false, root: '$user_cache_path/bootstrap', sources: [], trusted: {} },
}

/** Virtual packages and their providers, the preferred first. */
const providers: Readonly<Record<string, readonly string[]>> = {
  awk: ['gawk'],
  armci: ['armcimpi'],
  blas: ['openblas', 'amdblis'],
  c: ['gcc', 'llvm', 'intel-oneapi-compilers'],
  cxx: ['gcc', 'llvm', 'intel-oneapi-compilers'],
  daal: ['intel-oneapi-daal'],
  elf: ['elfutils'],
  'fftw-api': ['fftw', 'amdfftw'],
  flame: ['libflame', 'amdlibflame'],
  fortran: ['gcc', 'llvm', 'intel-oneapi-compilers'],
  'fortran-rt': ['gcc-runtime', 'intel-oneapi-runtime'],
  fuse: ['libfuse'],
  gl: ['glx', 'osmesa'],
  glu: ['mesa-glu', 'openglu'],
  golang: ['go', 'gcc'],
  'go-or-gccgo-bootstrap': ['go-bootstrap', 'gcc'],
  iconv: ['libiconv'],
  ipp: ['intel-oneapi-ipp'],
  java: ['openjdk', 'jdk'],
  jpeg: ['libjpeg-turbo', 'libjpeg'],
  lapack: ['openblas', 'amdlibflame'],
  libc: ['glibc', 'musl'],
  libgfortran: ['gcc-runtime'],
  libglx: ['mesa+glx'],
  libifcore: ['intel-oneapi-runtime'],
  libllvm: ['llvm'],
  'lua-lang': ['lua', 'lua-luajit-openresty', 'lua-luajit'],
  luajit: ['lua-luajit-openresty', 'lua-luajit'],
  'mariadb-client': ['mariadb-c-client', 'mariadb'],
  mkl: ['intel-oneapi-mkl'],
  mpe: ['mpe2'],
  mpi: ['openmpi', 'mpich'],
  'mysql-client': ['mysql', 'mariadb-c-client'],
  opencl: ['pocl'],
  onedal: ['intel-oneapi-dal'],
  pbs: ['openpbs', 'torque'],
  pil: ['py-pillow'],
  pkgconfig: ['pkgconf', 'pkg-config'],
  qmake: ['qt-base', 'qt'],
  rpc: ['libtirpc'],
  scalapack: ['netlib-scalapack', 'amdscalapack'],
  sycl: ['hipsycl'],
  szip: ['libaec', 'libszip'],
  tbb: ['intel-tbb'],
  unwind: ['libunwind'],
  uuid: ['util-linux-uuid', 'libuuid'],
  'wasi-sdk': ['wasi-sdk-prebuilt'],
  'xkbdata-api': ['xkeyboard-config', 'xkbdata'],
  xxd: ['xxd-standalone', 'vim'],
  yacc: ['bison', 'byacc'],
  ziglang: ['zig'],
  'zlib-api': ['zlib-ng+compat', 'zlib'],
}

/** Where macOS differs. */
const darwinProviders: Readonly<Record<string, readonly string[]>> = {
  c: ['apple-clang', 'llvm', 'gcc'],
  cxx: ['apple-clang', 'llvm', 'gcc'],
  elf: ['libelf'],
  fortran: ['gcc'],
  fuse: ['macfuse'],
  gl: ['apple-gl'],
  glu: ['apple-glu'],
  unwind: ['apple-libunwind'],
  uuid: ['apple-libuuid'],
}

/** Packages that come with a machine or from a vendor and are never built. */
const neverBuilt: readonly string[] = [
  'cce',
  'cray-fftw',
  'cray-libsci',
  'cray-mpich',
  'cray-mvapich2',
  'cray-pmi',
  'egl',
  'essl',
  'fj',
  'fujitsu-mpi',
  'fujitsu-ssl2',
  'glibc',
  'hpcx-mpi',
  'mpt',
  'musl',
  'spectrum-mpi',
  'xl',
]

const macosSdk = '/Library/Developer/CommandLineTools/SDKs/MacOSX.sdk'

/** What every Mac has. */
const darwinPackages: Readonly<Record<string, ConfigValue>> = {
  'apple-clang': { buildable: false },
  'apple-gl': { buildable: false, externals: [{ spec: 'apple-gl@4.1.0', prefix: macosSdk }] },
  'apple-glu': { buildable: false, externals: [{ spec: 'apple-glu@1.3.0', prefix: macosSdk }] },
  'apple-libunwind': { buildable: false, externals: [{ spec: 'apple-libunwind@35.3', prefix: '/usr' }] },
  'apple-libuuid': { buildable: false, externals: [{ spec: 'apple-libuuid@1353.100.2', prefix: macosSdk }] },
  c: { prefer: ['apple-clang'] },
  cxx: { prefer: ['apple-clang'] },
  fortran: { prefer: ['gcc'] },
}

function packageDefaults(): ConfigValue {
  const isDarwin = process.platform === 'darwin'
  const preferred = Object.entries(isDarwin ? { ...providers, ...darwinProviders } : providers)
  return {
    all: {
      providers: Object.fromEntries(preferred.map(([virtual, names]) => [virtual, [...names]])),
      permissions: { read: 'world', write: 'user' },
    },
    ...Object.fromEntries(neverBuilt.map((name) => [name, { buildable: false }])),
    iconv: { prefer: ['libiconv'] },
    ...(isDarwin ? darwinPackages : {}),
  }
}

/** Folders of a prefix and the variables that they are put in when it is loaded. */
const prefixInspections: Readonly<Record<string, string>> = {
  './bin': 'PATH',
  './man': 'MANPATH',
  './share/man': 'MANPATH',
  './share/aclocal': 'ACLOCAL_PATH',
  './lib/pkgconfig': 'PKG_CONFIG_PATH',
  './lib64/pkgconfig': 'PKG_CONFIG_PATH',
  './share/pkgconfig': 'PKG_CONFIG_PATH',
  './': 'CMAKE_PREFIX_PATH',
}

function moduleDefaults(): ConfigValue {
  const darwin = { './lib': 'DYLD_FALLBACK_LIBRARY_PATH', './lib64': 'DYLD_FALLBACK_LIBRARY_PATH' }
  const inspected = process.platform === 'darwin' ? { ...darwin, ...prefixInspections } : prefixInspections
  return {
    prefix_inspections: Object.fromEntries(Object.entries(inspected).map(([folder, name]) => [folder, [name]])),
    default: {
      roots: { tcl: '$spack/share/spack/modules', lmod: '$spack/share/spack/lmod' },
      enable: [],
      tcl: { all: { autoload: 'direct' } },
      lmod: { all: { autoload: 'direct' }, hierarchy: ['mpi'] },
    },
  }
}
