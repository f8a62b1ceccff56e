// What this machine is, in Spack's words: platform, operating system and the best target that its processor can run.
// Follows archspec's rules for targets and Spack's for names of operating systems.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname, machine, release } from 'node:os'
import { knownTarget, requireTarget, runsOn, type Target, targetNames } from '../spec/target.ts'
import { systemErrorCode } from '../ui/error.ts'

export interface Host {
  platform: string
  os: string
  target: string
  hostname: string
}

/** What a machine says about its processor. */
export interface Processor {
  /** The root of its targets' ancestry: `x86_64`, `aarch64`… */
  family: string
  /** Where the machine knows it: Apple's models, RISC-V's `uarch`. */
  name?: string
  vendor?: string
  features?: ReadonlySet<string>
  generation?: number
  cpupart?: string
}

let detected: Host | undefined

/** The machine that the program runs on; looked at once. */
export function detectHost(): Host {
  detected ??= { ...detectSystem(), hostname: hostname() }
  return detected
}

function detectSystem(): Omit<Host, 'hostname'> {
  switch (process.platform) {
    case 'darwin':
      return { platform: 'darwin', os: macosName(macosVersion()), target: bestTarget(sysctlProcessor()) }
    case 'freebsd':
      return { platform: 'freebsd', os: `freebsd${release().split('-')[0]}`, target: machine() }
    default: {
      const processor = readCpuInfo(readIfThere('/proc/cpuinfo'), machine())
      return { platform: 'linux', os: detectDistribution(), target: bestTarget(processor) }
    }
  }
}

/**
 * The best known target that a processor runs. Lacking a niche feature, which firmware may have switched off, must not
 * throw a processor back by generations: any target above the best generic one that fits will do.
 */
export function bestTarget(processor: Processor): string {
  const fitting = targetNames.map(requireTarget).filter((target) => fits(target, processor))
  if (!fitting.length) return processor.family
  const generic = greatest(fitting.filter(({ vendor }) => vendor === 'generic'))
  const sameModel = fitting.filter(({ cpupart }) => cpupart && cpupart === processor.cpupart)
  const candidates = sameModel.length ? sameModel : fitting
  const better = candidates.filter((target) => !generic || (target !== generic && runsOn(generic, target)))
  return (greatest(better) ?? generic!).name
}

/** The target with the most ancestors, then the most features; the first of equals. */
function greatest(targets: readonly Target[]): Target | undefined {
  return targets.reduce<Target | undefined>((best, each) => {
    if (!best) return each
    const depth = each.ancestors.length - best.ancestors.length
    return depth > 0 || (depth === 0 && each.features.size > best.features.size) ? each : best
  }, undefined)
}

function fits(target: Target, processor: Processor): boolean {
  if (target.family !== processor.family) return false
  const isOfVendor = target.vendor === 'generic' || target.vendor === processor.vendor
  const hasFeatures = () => [...target.features].every((feature) => processor.features?.has(feature))
  switch (processor.family) {
    case 'x86_64':
      return isOfVendor && hasFeatures()
    case 'aarch64':
      // Which version of the architecture a processor implements cannot be told from its features.
      if (target.vendor === 'generic' && target.name !== 'aarch64') return false
      return isOfVendor && (processor.name ? isModelOrBefore(target, processor.name) : hasFeatures())
    case 'ppc64':
    case 'ppc64le':
      return target.generation <= (processor.generation ?? 0)
    case 'riscv64':
      return target.vendor === 'generic' || target.name === processor.name
    default:
      return false
  }
}

function isModelOrBefore(target: Target, model: string): boolean {
  const known = knownTarget(model)
  return known !== undefined && runsOn(target, known)
}

/** Arm's codes for who made a processor. */
const armVendors: Readonly<Record<string, string>> = {
  '0x41': 'ARM',
  '0x42': 'Broadcom',
  '0x43': 'Cavium',
  '0x44': 'DEC',
  '0x46': 'Fujitsu',
  '0x48': 'HiSilicon',
  '0x49': 'Infineon Technologies AG',
  '0x4d': 'Motorola',
  '0x4e': 'Nvidia',
  '0x50': 'APM',
  '0x51': 'Qualcomm',
  '0x53': 'Samsung',
  '0x56': 'Marvell',
  '0x61': 'Apple',
  '0x66': 'Faraday',
  '0x68': 'HXT',
  '0x69': 'Intel',
}

/** Reads the first processor of /proc/cpuinfo. `family` is what `uname -m` says, which decides which keys count. */
export function readCpuInfo(text: string, family: string): Processor {
  const values = firstParagraph(text)
  const words = (key: string) => new Set((values.get(key) ?? '').split(' ').filter(Boolean))
  switch (family) {
    case 'x86_64': {
      const features = words('flags')
      // Linux calls it pni.
      if (features.has('ssse3')) features.add('sse3')
      return { family, vendor: values.get('vendor_id'), features }
    }
    case 'aarch64': {
      const code = values.get('CPU implementer')
      return {
        family,
        vendor: code === undefined ? 'generic' : (armVendors[code] ?? code),
        features: words('Features'),
        cpupart: values.get('CPU part'),
      }
    }
    case 'ppc64':
    case 'ppc64le':
      return { family, generation: Number(/POWER(\d+)/.exec(values.get('cpu') ?? '')?.[1] ?? 0) }
    case 'riscv64':
      return { family, name: values.get('uarch') === 'sifive,u74-mc' ? 'u74mc' : values.get('uarch') }
    default:
      return { family }
  }
}

function firstParagraph(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon >= 0) values.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
    else if (values.size) break
  }
  return values
}

function detectDistribution(): string {
  const osRelease = readIfThere('/etc/os-release') || readIfThere('/usr/lib/os-release')
  const name = distributionName(osRelease, readIfThere('/etc/debian_version'))
  // A rolling release: its libc is what programs depend on.
  return name === 'tumbleweed' ? `opensusetumbleweed${glibcVersion()}` : name
}

const glibcVersion = (): string =>
  /ldd \(GNU libc\) (.*)/.exec(execFileSync('ldd', ['--version'], { encoding: 'utf8' }))?.[1] ?? ''

/** Ids that Spack knows by other names. */
const distributionAliases: Readonly<Record<string, string>> = { ol: 'oracle', 'opensuse-leap': 'opensuse' }

/**
 * A distribution as it stands in a spec, `ubuntu22.04`, from the texts of os-release(5) and of /etc/debian_version.
 * openSUSE Tumbleweed is given as `tumbleweed`, since its version is that of its libc.
 */
export function distributionName(osRelease: string, debianVersion: string): string {
  const values = new Map<string, string>()
  for (const line of osRelease.split('\n')) {
    const assignment = /^\s*([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/.exec(line)
    if (assignment) values.set(assignment[1]!, assignment[2] ?? assignment[3] ?? assignment[4]!.trim())
  }
  const id = (values.get('ID') ?? 'unknown').toLowerCase().replaceAll(' ', '_')
  if (id.includes('opensuse-tumbleweed')) return 'tumbleweed'
  const parts = (values.get('VERSION_ID') || (id === 'debian' ? debianVersion.trim() : '')).split(/[^\w-]/)
  const version = id.includes('ubuntu') ? parts.slice(0, 2).join('.') : parts[0]!
  return `${distributionAliases[id] ?? id}${version}`.replaceAll('-', '_')
}

const macosReleases: Readonly<Record<string, string>> = {
  '10.13': 'highsierra',
  '10.14': 'mojave',
  '10.15': 'catalina',
  '10.16': 'bigsur',
  11: 'bigsur',
  12: 'monterey',
  13: 'ventura',
  14: 'sonoma',
  15: 'sequoia',
  26: 'tahoe',
}

/** A release of macOS as it stands in a spec; `macos` when it has no name here. Before 11 the minor version counts. */
export function macosName(version: string): string {
  const [major = '', minor = ''] = version.split('.')
  return macosReleases[Number(major) >= 11 ? major : `${major}.${minor}`] ?? 'macos'
}

function macosVersion(): string {
  return (
    process.env.MACOSX_DEPLOYMENT_TARGET || execFileSync('sw_vers', ['-productVersion'], { encoding: 'utf8' }).trim()
  )
}

/** Flags as macOS writes them and the Linux names that they imply. */
const darwinFlags: readonly (readonly [needs: string, implies: string])[] = [
  ['sse4.1', 'sse4_1'],
  ['sse4.2', 'sse4_2'],
  ['avx1.0', 'avx'],
  ['lahf', 'lahf_lm'],
  ['sha', 'sha_ni'],
  ['popcnt lzcnt', 'abm'],
  ['clfsopt', 'clflushopt'],
  ['xsave', 'xsavec xsaveopt'],
  ['ssse3', 'sse3'],
]

/** Reads what `sysctl` says about the processor of a Mac; a Node built for the other architecture is not trusted. */
function sysctlProcessor(): Processor {
  const sysctl = (...names: string[]) => execFileSync('/usr/sbin/sysctl', ['-n', ...names], { encoding: 'utf8' }).trim()
  const brand = sysctl('machdep.cpu.brand_string')
  if (brand.includes('Apple')) {
    return { family: 'aarch64', vendor: 'Apple', name: /\bm[1-4]\b/.exec(brand.toLowerCase())?.[0] ?? 'm1' }
  }
  const said = sysctl('machdep.cpu.features', 'machdep.cpu.leaf7_features', 'machdep.cpu.extfeatures')
  const features = new Set(said.toLowerCase().split(/\s+/))
  for (const [needs, implies] of darwinFlags) {
    if (needs.split(' ').every((flag) => features.has(flag))) for (const flag of implies.split(' ')) features.add(flag)
  }
  return { family: 'x86_64', vendor: sysctl('machdep.cpu.vendor'), features }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return ''
    throw error
  }
}
