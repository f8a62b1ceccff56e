"""Values of variants: conditional ones, and sets that exclude each other."""

from itertools import chain


class ConditionalValue:
    """A value that exists only under a condition; None stands for one that never holds."""

    def __init__(self, value, when):
        self.value = value
        self.when = when

    def __str__(self):
        return str(self.value)

    def __hash__(self):
        return hash(self.value)

    def __eq__(self, other):
        return self.value == (other.value if isinstance(other, ConditionalValue) else other)

    def __lt__(self, other):
        return self.value < (other.value if isinstance(other, ConditionalValue) else other)


class ConditionalValues(list):
    """What `conditional` returns: flattened where values are listed."""


def flatten(values):
    """The values with those of `conditional` put in place."""
    for value in values:
        if isinstance(value, ConditionalValues):
            for each in value:
                yield each
        else:
            yield value


class DisjointSetsOfValues:
    """Combinations from one of several sets that exclude each other; `("none",)` stands for the empty set."""

    _EMPTY = ("none",)
    multi = True

    def __init__(self, *sets):
        self.sets = [tuple(flatten(each)) for each in sets]
        if any("none" in each and each != self._EMPTY for each in self.sets):
            raise ValueError("the value 'none' stands for the empty set and must be alone in its set")
        everything = list(chain.from_iterable(self.sets))
        if len(set(everything)) != len(everything):
            raise ValueError("sets of variant values have values in common: {}".format(self.sets))
        self.feature_values = tuple(everything)
        self.default = None

    def with_default(self, default):
        self.default = default
        return self

    def with_error(self, _message):
        return self

    def with_non_feature_values(self, *values):
        self.feature_values = tuple(value for value in self.feature_values if value not in values)
        return self

    def allow_empty_set(self):
        if self._EMPTY in self.sets:
            return self
        widened = DisjointSetsOfValues(self._EMPTY, *self.sets)
        widened.feature_values = self.feature_values + self._EMPTY
        return widened

    def prohibit_empty_set(self):
        if self._EMPTY not in self.sets:
            return self
        narrowed = DisjointSetsOfValues(*[each for each in self.sets if each != self._EMPTY])
        narrowed.feature_values = tuple(value for value in self.feature_values if value != "none")
        return narrowed

    def __iter__(self):
        return chain.from_iterable(self.sets)

    def __getitem__(self, index):
        return tuple(self)[index]

    def __len__(self):
        return sum(len(each) for each in self.sets)

    def __contains__(self, value):
        return any(value == each for each in self)

    @property
    def validator(self):
        """Kept for the form: the sets themselves say what may be combined."""
        return None


def any_combination_of(*values):
    return _alone_or_combined("none", values)


def auto_or_any_combination_of(*values):
    return _alone_or_combined("auto", values)


def disjoint_sets(*sets):
    return DisjointSetsOfValues(*sets).allow_empty_set().with_default("none")


def _alone_or_combined(alone, values):
    return DisjointSetsOfValues((alone,), values).with_default(alone).with_non_feature_values(alone)
