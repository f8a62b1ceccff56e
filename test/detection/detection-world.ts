// A repository with recipes that detect, programs that they are about, and settings that name both.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { scratch } from '../support/scratch.ts'

export interface DetectionWorld {
  home: string
  /** The folder that is on `PATH`. */
  bin: string
  environ: NodeJS.ProcessEnv
  /** `packages.yaml` of the user. */
  packagesFile: string
  /** The folder of the recipes. */
  recipesFolder: string
}

const header = 'from spack.package import *\nimport os\nimport re\n\n\n'

/** One that asks `NAME --version`. */
export const toolRecipe = (
  className: string,
  program: string,
  more = '',
): string => `${header}class ${className}(Package):
    executables = ["^${program}$"]
    tags = ["build-tools"]
    version("1.0", sha256="${'a'.repeat(64)}")
    variant("nls", default=True)
    variant("features", default="x", values=("x", "y", "z"), multi=True)

    @classmethod
    def determine_version(cls, exe):
        output = Executable(exe)("--version", output=str, error=str)
        match = re.search(r"${program} (\\S+)", output)
        return match.group(1) if match else None
${more}`

export const compilerRecipe = `${header}class Gcc(Package):
    tags = ["compiler"]
    executables = [r"^()gcc()$", r"^()gcc(-\\d+(?:\\.\\d+)?)$", r"^()g\\+\\+()$"]
    compiler_languages = ["c", "cxx", "fortran"]
    c_names = ["gcc"]
    cxx_names = ["g++"]
    fortran_names = ["gfortran"]
    version("13.1.0", sha256="${'a'.repeat(64)}")
    variant("languages", default="c,c++", values=("c", "c++", "fortran"), multi=True)
    variant("strip", default=False)
    provides("c", "cxx", when="languages=c,c++")

    @classmethod
    def determine_version(cls, exe):
        return Executable(exe)("-dumpversion", output=str).strip()

    @classmethod
    def determine_variants(cls, exes, version):
        found = {"cxx" if "++" in os.path.basename(exe) else "c": exe for exe in exes}
        languages = ",".join("c++" if each == "cxx" else each for each in found)
        return "languages:={}".format(languages), {"compilers": found}

    @classmethod
    def validate_detected_spec(cls, spec, extra_attributes):
        assert "c" in extra_attributes["compilers"], "a compiler without C"
`

/** A world with recipes by folder and programs by name, each a script of sh. */
export function detectionWorld(
  recipes: Readonly<Record<string, string>>,
  programs: Readonly<Record<string, string>>,
): DetectionWorld {
  const home = scratch()
  const root = join(home, 'spack_repo/tiny')
  write(join(root, 'repo.yaml'), 'repo:\n  namespace: tiny\n  api: v2.2\n')
  for (const [folder, text] of Object.entries(recipes)) write(join(root, 'packages', folder, 'package.py'), text)
  const bin = join(home, 'machine/bin')
  mkdirSync(bin, { recursive: true })
  for (const [name, script] of Object.entries(programs)) addProgram(bin, name, script)
  write(join(home, 'user-config/repos.yaml'), `repos::\n  tiny: ${root}\n`)
  return {
    home,
    bin,
    environ: { PATH: bin, SPACK_PYTHON: '/usr/bin/python3' },
    packagesFile: join(home, 'user-config/packages.yaml'),
    recipesFolder: join(root, 'packages'),
  }
}

export function addProgram(folder: string, name: string, script: string): void {
  write(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
