import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConditionContext, holdsCondition } from '../../src/config/condition.ts'
import { SpackError } from '../../src/ui/error.ts'

const test = suite('condition')

const context: ConditionContext = {
  platform: 'linux',
  os: 'rhel9',
  target: 'zen3',
  hostname: 'node12.cluster.example',
  environ: { SITE: 'alpha', LEVEL: '3', EMPTY: '' },
  satisfies: (spec) => spec === 'target=x86_64:',
}
const holds = (text: string) => holdsCondition(text, context)

const trueOnes = [
  "platform == 'linux'",
  'platform != "darwin" and not os == "x"',
  "'rhel' in os",
  "target not in ['zen2', 'm1']",
  "arch.satisfies('target=x86_64:') and 'target=x86_64:' in architecture",
  "arch_str == 'platform=linux os=rhel9 target=zen3' and arch.target == 'zen3'",
  "re.search(r'^node\\d+', hostname)",
  "re.match('NODE', hostname, re.IGNORECASE) is not None",
  "re.fullmatch('node(?P<n>[0-9]+)[.].*', hostname).group(1) == '12'",
  "re.match('ode', hostname) is None",
  "hostname.split('.')[0] == 'node12' and hostname.split('.')[-1] == 'example'",
  "hostname[:4] == 'node' and hostname[4:6] == '12' and hostname.startswith(('login', 'node'))",
  "env['SITE'] == 'alpha' and env.get('NONE') is None and env.get('NONE', 'x') == 'x' and 'SITE' in env",
  "not env.get('EMPTY')",
  "int(env.get('LEVEL', '0')) >= 2 and 1 < int('2') <= 2 and len(os) > 4",
  "any(t in target for t in ('zen', 'm1')) and not any(t for t in ['a', ''] if t == '')",
  "f'{platform}-{os}' == 'linux-rhel9' and f'{{{target}}}' == '{zen3}'",
  "False if target == 'm1' else True",
  "'a' 'b' == 'ab' and 'a' + 'b' == \"ab\" and '-'.join(['a', 'b']) == 'a-b'",
  "('a', 'b') == ['a', 'b'] and 1 == True and -1 < 0",
  ' "x" ',
]
for (const text of trueOnes) test(`holds: ${text}`, () => assert.is(holds(text), true))

for (const text of [
  "'darwin' == platform",
  'None',
  '0',
  "''",
  'False',
  '[]',
  "not 'x'",
  "platform == 'a' or os == 'b'",
]) {
  test(`does not hold: ${text}`, () => assert.is(holds(text), false))
}

const faults: [text: string, message: RegExp][] = [
  ['', /ends too early/],
  ['if', /`if` is not expected/],
  ['platform ==', /ends too early/],
  ['platform = "linux"', /cannot be read at `=`/],
  ['nothing == 1', /`nothing` is not a name/],
  ['platform == linux', /`linux` is not a name/],
  ['target.family', /nothing named `family`/],
  ["env['NONE']", /`NONE` is not set/],
  ['platform > 1', /no order/],
  ["re.match('(', 'x')", /not a regular expression/],
  ["re.sub('a', 'b')", /nothing named `sub`/],
  ["__import__('os')", /`__import__` is not a name/],
  ['env.constructor', /nothing named `constructor`/],
  ["platform.constructor('x')", /nothing named `constructor`/],
  ['toString', /`toString` is not a name/],
  ['platform()', /not a function/],
  ['(lambda: 1)()', /`lambda` is not expected/],
  ["f'{platform'", /brace/],
  ["int('x')", /whole number/],
  ["'abc", /cannot be read/],
]
for (const [text, message] of faults) {
  test(`refused: ${text || 'an empty text'}`, () => {
    assert.throws(
      () => holds(text),
      (error: unknown) => error instanceof SpackError && error.code === 'condition' && message.test(error.message),
    )
  })
}

test('an error shows the place', () => {
  assert.throws(
    () => holds("platform == 'linux' and nothing"),
    (error: SpackError) => error.detail === "    platform == 'linux' and nothing\n                            ^",
  )
})

test('a misspelled name gets a suggestion', () => {
  assert.throws(
    () => holds("plattform == 'x'"),
    (error: SpackError) => error.hint === 'did you mean `platform`?',
  )
})

test('deep nesting is refused and does not exhaust the stack', () => {
  for (const text of [
    '('.repeat(100_000),
    `${'not '.repeat(100_000)}1`,
    `${'['.repeat(100_000)}`,
    '-'.repeat(100_000),
  ]) {
    assert.throws(
      () => holds(text),
      (error: unknown) => error instanceof SpackError,
    )
  }
})

test.run()
