// Which proxy a request goes through, from the variables that curl and Python know: `http_proxy`, `https_proxy`,
// `all_proxy` and `no_proxy`, lower case first.

import { SpackError } from '../ui/error.ts'
import { shownUrl } from './location.ts'

/** The proxy for `target`, or undefined. Throws SpackError `proxy-url` when the variable holds no http(s) URL. */
export function proxyFor(target: URL, environ: NodeJS.ProcessEnv): URL | undefined {
  const scheme = target.protocol.slice(0, -1)
  // In a CGI program HTTP_PROXY is the value of a header that the client chose.
  const ownName = scheme === 'http' && environ.REQUEST_METHOD ? ['http_proxy'] : bothCases(`${scheme}_proxy`)
  const variable = [...ownName, ...bothCases('all_proxy')].find((name) => environ[name])
  const exempt = bothCases('no_proxy').find((name) => environ[name])
  if (!variable || (exempt && isExempt(target, environ[exempt]!))) return undefined
  const text = environ[variable]!
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    throw new SpackError('proxy-url', `\`${variable}\` is \`${shownUrl(url)}\`, which is no http proxy`, {
      hint: `set \`${variable}\` to http://HOST:PORT, or list the mirror's host in \`no_proxy\``,
    })
  }
  return new URL(url)
}

const bothCases = (name: string): string[] => [name, name.toUpperCase()]

/** A name in `no_proxy` stands for the host and everything below it; it may carry a port; `*` is all. */
function isExempt(target: URL, list: string): boolean {
  const host = target.hostname.toLowerCase()
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  const rules = list.toLowerCase().split(/[\s,]+/)
  return rules.filter(Boolean).some((rule) => {
    if (rule === '*') return true
    const [, name, onlyPort] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(rule.replace(/^\*?\./, '')) ?? []
    if (!name || (onlyPort && onlyPort !== port)) return false
    return host === name || host.endsWith(`.${name}`)
  })
}
