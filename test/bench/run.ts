// `npm run bench`: what the budgets are about, measured on this machine, as figures and ratios. Never pass or fail:
// a busy machine must not break a build. Arguments pick benchmarks by a part of their name.

import { benchmarks } from './benchmarks.ts'

const wanted = process.argv.slice(2)
// Node reads this file at each start, which doubles the time of a start; users of the figures would compare certificates.
delete process.env.NODE_EXTRA_CA_CERTS
console.log(`node ${process.version}, ${process.platform} ${process.arch}`)
for (const benchmark of benchmarks) {
  if (wanted.length && !wanted.some((part) => benchmark.name.includes(part))) continue
  const reason = benchmark.unavailable?.()
  if (reason) {
    console.log(`${benchmark.name}: not measured, ${reason}`)
    continue
  }
  for (const line of await benchmark.run()) console.log(line)
}
