// Compilers that specs call by another name than their package has: `%clang` is a dependency on `llvm`.

const packages: Readonly<Record<string, string>> = {
  clang: 'llvm',
  oneapi: 'intel-oneapi-compilers',
  rocmcc: 'llvm-amdgpu',
  intel: 'intel-oneapi-compilers-classic',
  arm: 'acfl',
}

const packageOf = new Map(Object.entries(packages))
const nameOf = new Map(Object.entries(packages).map(([name, package_]) => [package_, name]))

/** The package behind a compiler's name in `%name`; other names stand for themselves. */
export const compilerPackage = (name: string): string => packageOf.get(name) ?? name

/** The name by which `%` mentions a package. */
export const compilerName = (packageName: string): string => nameOf.get(packageName) ?? packageName
