// The version that we report. Scripts compare `spack --version` with numbers, so it is a Spack version, with our own mark.

/** Release of Spack whose files and flags we follow. */
export const spackVersion = '1.2.0'
export const toolVersion = '0.1.0'
export const version = `${spackVersion} (spackmake ${toolVersion})`
