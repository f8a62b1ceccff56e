"""`spec["x"].libs`, `.headers`, `.command` and `.home`: what a package says about itself, or else what is found."""

from building.search import find_headers, find_libraries
from recipe.errors import NoHeadersError, NoLibrariesError


def answer(spec, attribute):
    """A package's own word for the virtual that it was asked as comes first, then its general one, then a search."""
    query = spec.__dict__.get("last_query")
    indirect = spec.__dict__.get("indirect_spec") if attribute == "command" else None
    package = (indirect or spec).package
    names = [attribute]
    if query is not None and query.isvirtual:
        names.insert(0, "{}_{}".format(query.name, attribute))
    for name in names:
        try:
            value = getattr(package, name)
        except AttributeError:
            continue
        if value is None:
            raise AttributeError("`{}` of {} is not known: there is nothing in {}".format(name, spec.name, spec.prefix))
        return value
    if attribute not in _searches:
        raise AttributeError("the package {} has no `{}`".format(spec.name, attribute))
    return _searches[attribute](spec)


def _find_libs(spec):
    name = spec.name.replace("-", "?")
    if not name.startswith("lib"):
        name = "lib" + name
    shared = spec.variants["shared"].value if "shared" in spec.variants else None
    for is_shared in (True, False) if not isinstance(shared, bool) else (shared,):
        libs = find_libraries(name, spec.package.home, shared=is_shared, recursive=True, runtime=False)
        if libs:
            return libs
    raise NoLibrariesError(spec.name, spec.package.home)


def _find_headers(spec):
    headers = find_headers("*", root=spec.package.home.include, recursive=True)
    if headers:
        return headers
    raise NoHeadersError("there are no headers of {} in {}".format(spec.name, spec.package.home))


_searches = {"libs": _find_libs, "headers": _find_headers}
