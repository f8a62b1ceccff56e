"""What only a recipe that runs can tell about the sources of one spec."""

from recipe.package import PackageBase


def answers_about(cls, spec):
    """The URL by the recipe's own rule, submodules that a function chooses, and what to do where nothing can be fetched."""
    package = cls(spec)
    version = spec.version
    answers = {"url": None, "submodules": None, "instructions": None}
    if cls.url_for_version is not PackageBase.url_for_version:
        url = package.url_for_version(version)
        answers["url"] = None if url is None else str(url)
    arguments = cls.versions.get(version) or {}
    submodules = arguments.get("submodules", cls.__dict__.get("submodules", getattr(cls, "submodules", None)))
    if callable(submodules):
        chosen = submodules(package)
        answers["submodules"] = [chosen] if isinstance(chosen, str) else chosen if chosen is True else list(chosen or [])
    if package.manual_download:
        answers["instructions"] = str(getattr(package, "download_instr", "")) or None
    return answers
