// What Spack keeps in a prefix beside the package. Paths are relative to the prefix, with `/`.

export const metadataDir = '.spack'

/** The concrete spec; its presence says that the prefix is whole. */
export const specPath = `${metadataDir}/spec.json`
/** What was installed, for `spack verify manifest`. */
export const manifestPath = `${metadataDir}/install_manifest.json`
/** How long what took. */
export const timesPath = `${metadataDir}/install_times.json`
/** Of a package from a build cache: where it was built, and what of it was relocated. */
export const buildinfoPath = `${metadataDir}/binary_distribution`
/** Spec files of what was deprecated in favour of this package. */
export const deprecatedPath = `${metadataDir}/deprecated`

export const specFile = (prefix: string): string => `${prefix}/${specPath}`
