"""What is kept in `.spack` of how a package was built: the environment, arguments, files of the stage, the recipe."""

import glob
import os

from building.files import install, mkdirp
from building.output import tty
from recipe.declared import records_of


def write_configure_args(pkg, builder, path):
    """The arguments that the recipe gives to configure or CMake, if it can say so without building."""
    for method in ("configure_args", "cmake_args"):
        # Methods of a package that call what they override must be asked through the builder.
        for owner in (pkg, builder) if hasattr(pkg, method) else ():
            try:
                arguments = " ".join(getattr(owner, method)())
            except Exception:  # Recipes may ask for what is not there yet; the file is for readers only.
                continue
            with open(path, "w", encoding="utf-8") as file:
                file.write(arguments)
            return


def archive_files(builder, stage, metadata):
    """Files of the stage that the builder wants to be kept; what cannot be kept is written down."""
    folder, problems = os.path.join(metadata, "archived-files"), []
    root = os.path.realpath(stage)
    for pattern in builder.archive_files:
        absolute = os.path.realpath(os.path.join(root, pattern))
        if not (absolute + os.sep).startswith(root + os.sep):
            problems.append("[OUTSIDE SOURCE PATH]: {}".format(pattern))
            continue
        for path in glob.glob(absolute):
            target = os.path.join(folder, os.path.relpath(path, root))
            try:
                mkdirp(os.path.dirname(target))
                install(path, target)
            except OSError as error:
                problems.append("[FAILED TO ARCHIVE]: {}: {}".format(path, error))
    if problems:
        mkdirp(folder)
        with open(os.path.join(folder, "errors.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(problems) + "\n")
        tty.warn("some files of the stage could not be kept", *problems)


def keep_recipe(pkg, repository, metadata):
    """A repository with this one recipe and the patch files that it names."""
    root = os.path.join(metadata, "repos", "spack_repo", *repository["namespace"].split("."))
    folder = os.path.join(root, "packages", os.path.basename(pkg.package_dir))
    mkdirp(folder)
    with open(os.path.join(root, "repo.yaml"), "w", encoding="utf-8") as file:
        file.write("repo:\n  namespace: '{}'\n  api: {}\n".format(repository["namespace"], repository["api"]))
    for path in [pkg.module.__file__] + patch_files(pkg):
        install(glob.escape(path), folder)


def patch_files(pkg):
    """The files of all patches that the recipe declares, for itself or its dependencies."""
    places = [record.arguments["place"] for record in records_of(type(pkg), "patch")]
    return [path for path in (_find_patch(pkg, place) for place in places if "://" not in place) if path]


def _find_patch(pkg, place):
    for base in type(pkg).__mro__:
        if hasattr(base, "package_dir"):
            path = os.path.join(base.package_dir, place)
            if os.path.isfile(path):
                return path
    return None
