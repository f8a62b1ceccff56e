// The formats of `spack list` that say more than names: JSON with versions, and a page of HTML to be put into another.

import type { Recipe, RecipeTexts } from '../recipes/recipe.ts'
import { packageFolder } from '../recipes/repository.ts'
import type { Package, RepositoryPath } from '../recipes/repository-path.ts'
import { specName } from '../spec/characters.ts'
import type { Deptype } from '../spec/spec.ts'
import { compareVersions, parseVersion } from '../spec/version.ts'
import { makeVersionList, preferredExact } from '../spec/version-list.ts'
import { wrapText } from '../ui/wrap.ts'

export const listFormats: Readonly<Record<string, (path: RepositoryPath, found: readonly Package[]) => string>> = {
  version_json: versionJson,
  html,
}

const deptypes: readonly Deptype[] = ['build', 'link', 'run', 'test']

/** JSON as Python writes it: with a blank after commas and colons, and in ASCII. */
function pythonJson(value: unknown): string {
  const text = (plain: string) =>
    JSON.stringify(plain).replace(
      /[\u007f-\uffff]/g,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => `${text(key)}: ${pythonJson(each)}`)
    return `{${entries.join(', ')}}`
  }
  return typeof value === 'string' ? text(value) : JSON.stringify(value)
}

function versionJson(path: RepositoryPath, found: readonly Package[]): string {
  const entries = found.map((each) => {
    const [recipe, texts] = [path.recipe(each), path.texts(each)]
    const fields = {
      name: each.name,
      latest_version: latestVersion(recipe),
      versions: newestFirst(recipe),
      homepage: texts.homepage ?? 'None',
      file: githubUrl(each),
      maintainers: texts.maintainers ?? [],
      dependencies: Object.fromEntries(deptypes.map((type) => [type, dependenciesOf(recipe, type)])),
    }
    const lines = Object.entries(fields).map(([key, value]) => `"${key}": ${pythonJson(value)}`)
    return `  {${lines.join(',\n   ')}}`
  })
  return `[\n${entries.join(',\n')}\n]\n`
}

function latestVersion({ versions }: Recipe): string {
  const list = makeVersionList(versions.map(({ version }) => parseVersion(version)))
  return preferredExact(list)?.text ?? 'None'
}

const newestFirst = ({ versions }: Recipe): string[] =>
  versions
    .map(({ version }) => parseVersion(version))
    .sort((a, b) => compareVersions(b, a))
    .map(({ text }) => text)

const githubUrl = ({ name, repository }: Package): string =>
  `https://github.com/spack/spack/blob/develop/var/spack/spack_repo/${repository.namespace.replaceAll('.', '/')}/packages/${packageFolder(name)}/package.py`

/** Names, sorted. */
function dependenciesOf({ dependencies }: Recipe, type: Deptype): string[] {
  const names = dependencies.filter(({ types }) => types.includes(type)).map(({ spec }) => specName(spec))
  return [...new Set(names)].sort()
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (each) => escapes[each]!)

function html(path: RepositoryPath, found: readonly Package[]): string {
  const names = found.map(({ name }) => name)
  const listed = new Set(names)
  // The title of the page in which this is put has the first number.
  const sections = found.map((each, index) => section(each, path.recipe(each), path.texts(each), index + 2, listed))
  const head = `<p>\nSpack currently has ${names.length} mainline packages:\n</p>\n`
  return `${head}${table(names)}<hr class="docutils"/>\n${sections.join('')}`
}

const tableColumns = 3

/** Names in columns, as links. */
function table(names: readonly string[]): string {
  const count = Math.ceil(names.length / tableColumns)
  const cell = (name: string | undefined) =>
    name === undefined ? '' : `<td>\n<a class="reference internal" href="#${name}">${name}</a></td>\n</td>\n`
  const rows = Array.from({ length: count }, (_, row) => {
    const cells = Array.from({ length: tableColumns }, (_, column) => cell(names[column * count + row]))
    return `<tr class="row-${row % 2 ? 'even' : 'odd'}">\n${cells.join('')}</tr>\n`
  })
  return `<table border="1" class="docutils">\n<tbody valign="top">\n${rows.join('')}</tbody>\n</table>\n`
}

function section(found: Package, recipe: Recipe, texts: RecipeTexts, id: number, listed: ReadonlySet<string>): string {
  const { name } = found
  const term = (title: string, text: string) => `<dt>${title}:</dt>\n<dd>\n${text}\n</dd>\n`
  const listTerm = (title: string, text: string) =>
    `<dt>${title}:</dt>\n<dd><ul class="first last simple">\n${text}\n</ul></dd>\n`
  const link = (url: string, text: string) => `<li><a class="reference external" href="${url}">${text}</a></li>`
  const { homepage } = texts
  const dependency = (each: string) =>
    listed.has(each) ? `<a class="reference internal" href="#${each}">${each}</a>` : each
  const dependencies = deptypes.map((type) => {
    const names = dependenciesOf(recipe, type)
    const title = `${type[0]!.toUpperCase()}${type.slice(1)} Dependencies`
    return names.length ? term(title, names.map(dependency).join(', ')) : ''
  })
  const description = wrapText((texts.description ?? '').replace(/\s+/g, ' '), { width: 72 })
  const text = description.map((line) => `  ${escapeHtml(line)}\n`).join('')
  return [
    `<div class="section" id="${name}">\n`,
    `<span id="id${id}"></span><h1>${name}<a class="headerlink" href="#${name}" title="Permalink to this headline">&para;</a></h1>\n`,
    '<dl class="docutils">\n',
    listTerm('Homepage', homepage ? link(escapeHtml(homepage), escapeHtml(homepage)) : 'No homepage'),
    listTerm('Spack package', link(githubUrl(found), `${name}/package.py`)),
    recipe.versions.length ? term('Versions', newestFirst(recipe).join(', ')) : '',
    ...dependencies,
    term('Description', text),
    '</dl>\n<hr class="docutils"/>\n</div>\n',
  ].join('')
}
