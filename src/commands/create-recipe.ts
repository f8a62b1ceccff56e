// The text of a new recipe.

import { nameInUrl } from '../recipes/name-in-url.ts'
import type { RecipeTemplate } from './create-templates.ts'

export interface NewRecipe {
  name: string
  className: string
  template: RecipeTemplate
  url: string
  /** Lines. */
  versions: readonly string[]
  languages: readonly string[]
}

const licenseLines = [
  '# FIXME: the license, as https://spdx.org/licenses/ calls it, and who looked it up',
  'license("UNKNOWN", checked_by="github_user1")',
]

export function recipeText({ name, className, template, url, versions, languages }: NewRecipe): string {
  const {
    base,
    module,
    dependencies = ['# FIXME: add what the package needs', '# depends_on("foo")'],
    body = [],
  } = template
  const uses = languages.map((language) => `depends_on("${language}", type="build")`)
  const blocks = [
    ['"""FIXME: what the package is."""'],
    ['# FIXME: where the project is at home', 'homepage = "https://www.example.com"', ...place(template, url)],
    ['# FIXME: who looks after the recipe, by their names on GitHub', '# maintainers("github_user1", "github_user2")'],
    template.hasLicense ? [] : licenseLines,
    versions,
    [...uses, ...(uses.length ? [''] : []), ...dependencies],
    body,
  ].filter((lines) => lines.length > 0)
  const indented = blocks.map((lines) => lines.map((line) => (line ? `    ${line}` : '')).join('\n'))
  return `# This recipe was begun by \`spack create\`. Once all that says FIXME is done, try it, and change it again:
#
#     spack install ${name}
#     spack edit ${name}

from spack_repo.builtin.build_systems.${module} import ${base}

from spack.package import *


class ${className}(${base}):
${indented.join('\n\n')}
`
}

/** Where the code comes from: some sites have names of their own for that. */
function place({ module, hasNoCode }: RecipeTemplate, url: string): string[] {
  if (hasNoCode) return ['# There is no URL, since there is no code to be fetched.']
  const pypi = /(?:pypi|pythonhosted)[^/]+\/packages\/[^/]+\/([^/]+)\/([^/]+)\/([^/#]+)/.exec(url)
  if (module === 'python' && pypi && !pypi[3]!.endsWith('.whl')) {
    const project = pypi[1]!.length === 1 ? pypi[2]! : nameInUrl(url)
    return [`pypi = "${project}/${pypi[3]}"`]
  }
  if (module === 'r' && /(?:r-project|rstudio)[^/]+\/src\//.test(url)) return [`cran = "${nameInUrl(url)}"`]
  if (module === 'r' && /bioconductor[^/]+\/packages\//.test(url))
    return [`url = "${url}"`, `bioc = "${nameInUrl(url)}"`]
  return [`url = "${url}"`]
}
