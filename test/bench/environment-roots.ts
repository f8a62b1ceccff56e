// The roots of the environment that is measured: the goldens of the kit, and more common packages to make a hundred.

import { readFileSync } from 'node:fs'
import { kit } from '../support/shared.ts'

const more =
  'bzip2 xz zstd lz4 ncurses readline libxml2 curl openssl git vim emacs gdb valgrind autoconf automake libtool m4 bison ' +
  'flex ninja meson pkgconf fftw openblas gsl eigen mumps arpack-ng hdf5@1.12 netcdf-fortran parallel-netcdf cgal swig ' +
  'doxygen graphviz py-matplotlib py-mpi4py py-h5py py-sympy rust ruby'

export function hundredRoots(): string[] {
  const goldens = JSON.parse(readFileSync(kit('concretize', 'index.json'), 'utf8')) as { input: string }[]
  return [...goldens.map(({ input }) => input), ...more.split(' ')].slice(0, 100)
}
