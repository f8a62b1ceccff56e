// Where the archives of other versions are listed, going by the URL of one: beside it, or where its site has its lists.

/** Sites, by what is in the URLs of their archives. */
const sites: readonly (readonly [pattern: RegExp, list: (match: RegExpExecArray) => string])[] = [
  [/.*github\.com\/[^/]+\/[^/]+/, ([project]) => `${project}/releases`],
  [/(.*gitlab[^/]+)\/api\/v4\/projects\/([^/]+)%2F([^/]+)/, ([, site, group, name]) => `${site}/${group}/${name}/tags`],
  [/.*gitlab[^/]+\/(?!api\/v4\/projects)[^/]+\/[^/]+/, ([project]) => `${project}/tags`],
  [/.*bitbucket\.org\/[^/]+\/[^/]+/, ([project]) => `${project}/downloads/?tab=tags`],
  [/(.*\.r-project\.org\/src\/contrib)\/([^_]+)/, ([, folder, name]) => `${folder}/Archive/${name}`],
  [/(?:pypi|pythonhosted)[^/]+\/packages\/[^/]+\/.\/([^/]+)/, ([, name]) => `https://pypi.org/simple/${name}/`],
  [
    /luarocks[^/]+\/(?:modules|manifests)\/([^/]+)\/(.+?)-[0-9.-]*\.src\.rock/,
    ([, group, name]) => `https://luarocks.org/modules/${group}/${name}/`,
  ],
]

/** Pages that may list the archive at `url` beside those of other versions. */
export function listUrls(url: string): string[] {
  const ofSites = sites.flatMap(([pattern, list]) => {
    const match = pattern.exec(url)
    return match ? [list(match)] : []
  })
  return [...new Set([url.slice(0, url.lastIndexOf('/')), ...ofSites])]
}
