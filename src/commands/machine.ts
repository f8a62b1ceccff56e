// The machine that commands about recipes have in mind: its platform and the family of its processor.

const families: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ppc64: 'ppc64le',
  riscv64: 'riscv64',
}

/** As a spec: `platform=linux target=x86_64:`. */
export const machineSpec = (): string =>
  `platform=${process.platform} target=${families[process.arch] ?? process.arch}:`
