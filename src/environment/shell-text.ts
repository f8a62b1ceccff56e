// Commands for shells. Each command ends in `;`, so that the text can also be evaluated when its line ends have become
// blanks, as csh's backquotes make them.

import type { Outcome } from './activation.ts'

export const shells = ['sh', 'csh', 'fish'] as const
/** `sh` is for bash, zsh, dash and the like. */
export type Shell = (typeof shells)[number]

/** How to say things in one shell. */
interface ShellWords {
  quote: (text: string) => string
  set: (name: string, quoted: string) => string
  unset: (name: string) => string
  /** Keeps a value in a variable of the shell's own, which its children do not see. */
  keep: (name: string, quoted: string) => string
  /** Keeps whatever value the variable has then. */
  keepOwn: (name: string) => string
  /** Puts entries, quoted, before and behind those that a list has then; either may be empty. */
  extend: (name: string, front: string, end: string) => string
  /** Puts a separator at the end of a list. */
  openEnd: (name: string) => string
  /** Sets a variable to the kept value, or unsets it. */
  restore: (name: string) => string
  restoreIf: (name: string, kept: string, otherwise: string) => string
  alias: (name: string, command: string) => string
  unalias: (name: string) => string
  /** Puts a text before the prompt. */
  prompt: (text: string) => string
  oldPrompt: string
}

const keptName = (name: string): string => `_SPACK_OLD_${name}`

/** What needs no quotes in any shell. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/

const quoteSh = (text: string): string => (plainWord.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`)
const quoteFish = (text: string): string => (plainWord.test(text) ? text : `'${text.replace(/[\\']/g, '\\$&')}'`)
// csh looks for `!` and line ends also between quotes.
const quoteCsh = (text: string): string =>
  plainWord.test(text) ? text : `'${text.replaceAll("'", `'"'"'`).replace(/[!\n]/g, '\\$&')}'`

const words: Readonly<Record<Shell, ShellWords>> = {
  sh: {
    quote: quoteSh,
    set: (name, quoted) => `export ${name}=${quoted};`,
    unset: (name) => `unset ${name};`,
    keep: (name, quoted) => `${keptName(name)}=${quoted};`,
    keepOwn: (name) => `if [ -n "\${${name}+x}" ]; then ${keptName(name)}="$${name}"; fi;`,
    extend: (name, front, end) => {
      if (!front) return `export ${name}="\${${name}:+$${name}:}"${end};`
      return `export ${name}=${front}"\${${name}:+:$${name}}"${end && `:${end}`};`
    },
    openEnd: (name) => `export ${name}="$${name}:";`,
    restore: (name) =>
      `if [ -n "\${${keptName(name)}+x}" ]; then export ${name}="$${keptName(name)}"; unset ${keptName(name)}; else unset ${name}; fi;`,
    restoreIf: (name, kept, otherwise) =>
      `if [ "\${${keptName(name)}-}" = ${kept} ]; then export ${name}=${kept}; else export ${name}=${otherwise}; fi; unset ${keptName(name)};`,
    alias: (name, command) => `alias ${name}='${command}';`,
    unalias: (name) => `unalias ${name} 2>/dev/null || true;`,
    prompt: shPrompt,
    oldPrompt: [
      'if [ -n "${SPACK_OLD_PS1+x}" ]; then',
      `    if [ "$SPACK_OLD_PS1" = '$$$$' ]; then unset PS1; else export PS1="$SPACK_OLD_PS1"; fi;`,
      '    unset SPACK_OLD_PS1;',
      'fi;',
    ].join('\n'),
  },
  csh: {
    quote: quoteCsh,
    set: (name, quoted) => `setenv ${name} ${quoted};`,
    unset: (name) => `unsetenv ${name};`,
    keep: (name, quoted) => `set ${keptName(name)}=${quoted};`,
    keepOwn: (name) => `if ( $?${name} ) eval 'set ${keptName(name)}="$${name}:q"';`,
    extend: (name, front, end) =>
      [
        `if ( ! $?${name} ) setenv ${name} "";`,
        `if ( "\${${name}}" != "" ) setenv ${name} ${front ? `":\${${name}}"` : `"\${${name}}:"`};`,
        `setenv ${name} ${front}"\${${name}}"${front && end ? ':' : ''}${end};`,
      ].join('\n'),
    openEnd: (name) => `setenv ${name} "\${${name}}:";`,
    // Variables of a line are looked up before its `if` is decided, hence the quoted inner command.
    restore: (name) =>
      [
        `if ( ! $?${keptName(name)} ) unsetenv ${name};`,
        `if ( $?${keptName(name)} ) eval 'setenv ${name} "$${keptName(name)}:q"; unset ${keptName(name)}';`,
      ].join('\n'),
    restoreIf: (name, kept, otherwise) =>
      [
        `setenv ${name} ${otherwise};`,
        // Quotes do not nest: a value that needs them is not compared.
        ...(plainWord.test(kept)
          ? [`if ( $?${keptName(name)} ) eval 'if ( "$${keptName(name)}:q" == ${kept} ) setenv ${name} ${kept}';`]
          : []),
        `unset ${keptName(name)};`,
      ].join('\n'),
    alias: (name, command) => `alias ${name} '${command}';`,
    unalias: (name) => `unalias ${name};`,
    prompt: (text) =>
      [
        `if ( $?prompt && ! $?SPACK_OLD_PROMPT ) eval 'setenv SPACK_OLD_PROMPT "$prompt:q"';`,
        `if ( $?prompt ) eval 'set prompt="${text} $prompt:q"';`,
      ].join('\n'),
    oldPrompt: `if ( $?SPACK_OLD_PROMPT ) eval 'set prompt="$SPACK_OLD_PROMPT:q"; unsetenv SPACK_OLD_PROMPT';`,
  },
  fish: {
    quote: quoteFish,
    set: (name, quoted) => `set -gx ${name} ${quoted};`,
    unset: (name) => `set -e ${name};`,
    keep: (name, quoted) => `set -g ${keptName(name)} ${quoted};`,
    keepOwn: (name) => `set -q ${name}; and set -g ${keptName(name)} $${name};`,
    extend: (name, front, end) => `set -gx ${name} (string join : -- ${front} $${name} ${end});`,
    openEnd: (name) => `set -gx ${name} (string join : -- $${name})':';`,
    restore: (name) =>
      `if set -q ${keptName(name)}; set -gx ${name} $${keptName(name)}; set -e ${keptName(name)}; else; set -e ${name}; end;`,
    restoreIf: (name, kept, otherwise) =>
      `if test "$${keptName(name)}" = ${kept}; set -gx ${name} ${kept}; else; set -gx ${name} ${otherwise}; end; set -e ${keptName(name)};`,
    alias: (name, command) => `function ${name}; ${command}; end;`,
    unalias: (name) => `functions -e ${name};`,
    // The prompt of fish is a function: it is kept under another name, and called behind the new text.
    prompt: (text) =>
      [
        'if not functions -q _spack_old_fish_prompt; functions -q fish_prompt; and functions -c fish_prompt _spack_old_fish_prompt; end;',
        `function fish_prompt; set_color brgreen; echo -n ${quoteFish(text)}' '; set_color normal; functions -q _spack_old_fish_prompt; and _spack_old_fish_prompt; end;`,
      ].join('\n'),
    oldPrompt:
      'if functions -q _spack_old_fish_prompt; functions -e fish_prompt; functions -c _spack_old_fish_prompt fish_prompt; functions -e _spack_old_fish_prompt; end;',
  },
}

/** `$$$$` stands for a prompt that was not set; Spack's own deactivation knows it too. Colours only where they show. */
function shPrompt(text: string): string {
  const green = '\\033[0;92m'
  return [
    'if [ -z "${SPACK_OLD_PS1+x}" ]; then',
    `    if [ -z "\${PS1+x}" ]; then PS1='$$$$'; fi;`,
    '    export SPACK_OLD_PS1="${PS1}";',
    'fi;',
    'case "${TERM:-}" in',
    `*color*) if [ -n "\${BASH:-}" ]; then export PS1="\\[${green}\\]${text}\\[\\033[0m\\] \${PS1}";`,
    `    elif [ -n "\${ZSH_NAME:-}" ]; then export PS1="%{%F{10}%}${text}%{%f%} \${PS1}";`,
    `    else export PS1="${text} \${PS1}"; fi;;`,
    `*) export PS1="${text} \${PS1}";;`,
    'esac;',
  ].join('\n')
}

export interface Activation {
  dir: string
  /** The name of the view whose programs are found; undefined for none. */
  view: string | undefined
  /** What to put before the prompt, if anything. */
  prompt: string | undefined
}

/** Commands that make an environment the active one. A prompt must have nothing that a shell expands. */
export function activationText(shell: Shell, { dir, view, prompt }: Activation, outcomes: readonly Outcome[]): string {
  const say = words[shell]
  return lines([
    say.set('SPACK_ENV', say.quote(dir)),
    ...(view === undefined ? [] : [say.set('SPACK_ENV_VIEW', say.quote(view))]),
    say.alias('despacktivate', 'spack env deactivate'),
    ...(prompt === undefined ? [] : [say.prompt(prompt)]),
    ...outcomes.map((outcome) => outcomeText(say, outcome)),
  ])
}

/** Commands that change variables and nothing else. */
export const outcomesText = (shell: Shell, outcomes: readonly Outcome[]): string =>
  lines(outcomes.map((outcome) => outcomeText(words[shell], outcome)))

/** Commands that leave the active environment: its variables, prompt and alias. */
export function deactivationText(shell: Shell, outcomes: readonly Outcome[]): string {
  const say = words[shell]
  return lines([...leavingLines(say), ...outcomes.map((outcome) => outcomeText(say, outcome))])
}

/** Commands that leave what is common to all environments, before another is activated. */
export const leavingText = (shell: Shell): string => lines(leavingLines(words[shell]))

function leavingLines(say: ShellWords): string[] {
  return [say.unset('SPACK_ENV'), say.unset('SPACK_ENV_VIEW'), say.unalias('despacktivate'), say.oldPrompt]
}

function outcomeText(say: ShellWords, outcome: Outcome): string {
  const { name } = outcome
  const keep = keepText(say, outcome)
  switch (outcome.kind) {
    case 'set':
      return keep + say.set(name, say.quote(outcome.value))
    case 'unset':
      return keep + say.unset(name)
    case 'restore':
      return say.restore(name)
    case 'restore-if':
      return say.restoreIf(name, say.quote(outcome.kept), say.quote(outcome.otherwise))
    case 'extend': {
      const [front, end] = [outcome.front, outcome.end].map((text) => (text ? say.quote(text) : ''))
      return say.extend(name, front!, end!) + (outcome.isOpenEnded ? `\n${say.openEnd(name)}` : '')
    }
  }
}

function keepText(say: ShellWords, outcome: Outcome): string {
  if (outcome.kind !== 'set' && outcome.kind !== 'unset') return ''
  if (outcome.keepsOwn) return `${say.keepOwn(outcome.name)}\n`
  return outcome.keep === undefined ? '' : `${say.keep(outcome.name, say.quote(outcome.keep))}\n`
}

/** Says something on the terminal of whoever evaluates the text. */
export function messageText(shell: Shell, text: string): string {
  return lines([`printf '%s\\n' ${words[shell].quote(text)};`])
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`
