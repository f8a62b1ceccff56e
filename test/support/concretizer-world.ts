// A repository with a compiler, its runtime and its C library, and a machine on which a script is that compiler.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { addProgram, type DetectionWorld, detectionWorld, write } from '../detection/detection-world.ts'

const header = 'from spack.package import *\n\n\n'

/** A recipe without sources, whose body is given line by line. */
export const plainRecipe = (className: string, ...lines: readonly string[]): string =>
  `${header}class ${className}(Package):\n${['has_code = False', ...lines].map((line) => `    ${line}\n`).join('')}`

/** Installs one file. */
const installs = ['', 'def install(self, spec, prefix):', '    touch(join_path(prefix, self.name))']

const compiler = plainRecipe(
  'Gcc',
  'tags = ["compiler"]',
  'compiler_languages = ["c", "cxx"]',
  'c_names = ["gcc"]',
  'version("12.2.0")',
  'version("13.1.0")',
  'variant("languages", default="c,c++", values=("c", "c++", "fortran"), multi=True)',
  'provides("c", "cxx", when="languages=c,c++")',
  '',
  '@classmethod',
  'def runtime_constraints(cls, *, spec, pkg):',
  '    name, own = spec.name, "{}@{}".format(spec.name, spec.versions)',
  '    for language in ("c", "cxx", "fortran"):',
  '        when = "%[deptypes=build virtuals={}] {}".format(language, own)',
  '        pkg("*").depends_on("gcc-runtime@{}:".format(spec.version), when=when, type="link", description="")',
  '    fortran = "libgfortran@4" if spec.satisfies("gcc@:7") else "libgfortran@5"',
  '    for virtual in ("fortran-rt", fortran):',
  '        when = "%[deptypes=build virtuals=fortran] " + own',
  '        pkg("*").depends_on(virtual, when=when, type="link", description="")',
  '    pkg("gcc-runtime").requires("@{}".format(spec.versions), when="%[deptypes=build] " + own)',
  '    pkg("*").propagate("gcc@:{}".format(spec.version), when="%[deptypes=build] " + own)',
)

const recipes: Readonly<Record<string, string>> = {
  gcc: compiler,
  gcc_runtime: plainRecipe('GccRuntime', 'tags = ["runtime"]', 'provides("fortran-rt", "libgfortran@5")', ...installs),
  compiler_wrapper: plainRecipe('CompilerWrapper', 'version("1.0")', ...installs),
  glibc: plainRecipe('Glibc', 'version("2.40")', 'provides("libc")'),
  c: `${header}class C(Package):\n    virtual = True\n`,
  cxx: `${header}class Cxx(Package):\n    virtual = True\n`,
  base: plainRecipe('Base', 'version("2.0")', 'version("1.0")', 'version("0.9", deprecated=True)', ...installs),
  plain: plainRecipe('Plain', 'version("1.0")', 'variant("loud", default=False)', 'depends_on("base")', ...installs),
  program: plainRecipe('Program', 'version("1.0")', 'depends_on("c", type="build")', 'depends_on("base")', ...installs),
}

/** The compiler as an external; the scripts print what the C library is found by. */
export function concretizerWorld(more: Readonly<Record<string, string>> = {}): DetectionWorld {
  const world = detectionWorld({ ...recipes, ...more }, {})
  const root = join(world.home, 'sysroot')
  addProgram(
    join(root, 'lib'),
    'ld-linux.so',
    'echo "ld.so (GNU libc) stable release version 2.36."; echo "Free Software Foundation"',
  )
  addProgram(world.bin, 'gcc', `echo "collect2 -dynamic-linker ${root}/lib/ld-linux.so -o a.out"; exit 0`)
  write(
    world.packagesFile,
    `packages:
  glibc: {buildable: false}
  gcc:
    externals:
    - spec: gcc@12.2.0 languages:=c,c++,fortran
      prefix: /usr
      extra_attributes: {compilers: {c: ${world.bin}/gcc}}
`,
  )
  return world
}

export const hasPython = existsSync('/usr/bin/python3')
