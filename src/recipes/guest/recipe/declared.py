"""What a package declares, asked of its object: variants, what it extends and provides."""

from recipe.spec import Spec
from recipe.variants import flatten


def records_of(cls, name):
    """The records of a directive whose condition can hold."""
    return [record for record in cls._records if record.name == name and record.conditions is not None]


def holds(conditions, spec):
    return all(spec.satisfies(condition) for condition in conditions if condition)


def variant_definitions(cls):
    return records_of(cls, "variant")


class VariantDefinition:
    """A variant as a recipe declares it."""

    def __init__(self, arguments):
        self.name = arguments["name"]
        self.default = arguments["default"]
        self.multi = arguments["multi"]
        self.sticky = arguments["sticky"]
        values = arguments["values"]
        self.single_value_validator = values if callable(values) else None
        listed = () if callable(values) else values
        self.values = listed if hasattr(listed, "feature_values") else tuple(_bare(each) for each in flatten(listed))


def _bare(value):
    return getattr(value, "value", value)


def variant_of(package, name):
    """The last definition that holds for the package's spec. Raises ValueError when there is none."""
    for record in reversed(variant_definitions(type(package))):
        if record.arguments["name"] == name and holds(record.conditions, package.spec):
            return VariantDefinition(record.arguments)
    raise ValueError("no variant `{}` of {} for this spec".format(name, package.name))


def extendee_of(package):
    """The dependency that the package extends, or None."""
    for record in records_of(type(package), "extends"):
        if not holds(record.conditions, package.spec):
            continue
        for dependency in package.spec.dependencies(deptype=("link", "run")):
            if dependency.satisfies(record.arguments["spec"]):
                return dependency
    return None


def provided_by(package):
    """The virtuals that the package provides as it is."""
    provided = []
    for record in records_of(type(package), "provides"):
        if holds(record.conditions, package.spec):
            provided += [Spec(text) for text in record.arguments["specs"]]
    return provided


