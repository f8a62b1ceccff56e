import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bestTarget, detectHost, distributionName, macosName, readCpuInfo } from '../../src/config/host.ts'
import { knownTarget, requireTarget } from '../../src/spec/target.ts'

const test = suite('host')

/** The features of a target in /proc/cpuinfo's manner, where sse3 has another name. */
const flagsOf = (target: string): string =>
  [...requireTarget(target).features].map((name) => (name === 'sse3' ? 'pni' : name)).join(' ')
const intel = (flags: string): string =>
  `processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu ${flags}\n\nprocessor : 1\n`
const arm = (code: string, part: string, features: string): string =>
  `processor\t: 0\nFeatures\t: ${features}\nCPU implementer\t: ${code}\nCPU part\t: ${part}\n`

test('the newest target whose features are all there is chosen', () => {
  assert.is(bestTarget(readCpuInfo(intel(flagsOf('skylake')), 'x86_64')), 'skylake')
  assert.is(bestTarget(readCpuInfo(intel(flagsOf('icelake')), 'x86_64')), 'icelake')
})

test('a missing niche feature leads to the best generic target, not to an old processor', () => {
  const flags = flagsOf('haswell').replace('rdrand', '')
  assert.is(bestTarget(readCpuInfo(intel(flags), 'x86_64')), 'x86_64_v3')
})

test('targets of another vendor are not chosen', () => {
  const flags = flagsOf('zen2')
  assert.not(/^zen/.test(bestTarget(readCpuInfo(intel(flags), 'x86_64'))))
})

test('Arm processors are told apart by their part number', () => {
  const { features } = requireTarget('neoverse_n1')
  const text = arm('0x41', '0xd0c', [...features].join(' '))
  assert.is(bestTarget(readCpuInfo(text, 'aarch64')), 'neoverse_n1')
  assert.is(bestTarget(readCpuInfo(arm('0x99', '0x1', 'fp'), 'aarch64')), 'aarch64')
})

test('POWER goes by generation, RISC-V by name, an unknown family stands for itself', () => {
  assert.is(bestTarget(readCpuInfo('cpu\t\t: POWER9, altivec supported\n', 'ppc64le')), 'power9le')
  assert.is(bestTarget(readCpuInfo('uarch\t\t: sifive,u74-mc\n', 'riscv64')), 'u74mc')
  assert.is(bestTarget(readCpuInfo('', 'loongarch64')), 'loongarch64')
  assert.is(bestTarget({ family: 'aarch64', vendor: 'Apple', name: 'm2' }), 'm2')
})

test('distributions are named by id and the part of the version that matters', () => {
  assert.is(distributionName('ID=ubuntu\nVERSION_ID="22.04"\n', 'bookworm/sid'), 'ubuntu22.04')
  assert.is(distributionName('NAME="Debian"\nID=debian\nVERSION_ID="12"', '12.5\n'), 'debian12')
  assert.is(distributionName('ID=debian', 'trixie/sid\n'), 'debiantrixie')
  assert.is(distributionName("ID='rhel'\nVERSION_ID='9.4'", ''), 'rhel9')
  assert.is(distributionName('ID="opensuse-leap"\nVERSION_ID="15.5"', ''), 'opensuse15')
  assert.is(distributionName('ID=arch\n', ''), 'arch')
})

test('macOS is named by its release', () => {
  assert.is(macosName('10.15.7'), 'catalina')
  assert.is(macosName('14.2'), 'sonoma')
  assert.is(macosName('99.1'), 'macos')
})

test('this machine is something', () => {
  const host = detectHost()
  assert.ok(host.platform && host.os && host.hostname)
  assert.ok(knownTarget(host.target) ?? host.target)
})

test.run()
