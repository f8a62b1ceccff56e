"""`when`: a context for directives, and a decorator for methods of which several have one name."""

import functools
from contextlib import contextmanager

from recipe import directives
from recipe.errors import NoSuchMethodError
from recipe.spec import Spec


class MultiMethodMeta(type):
    """Lets `when` see the body of the class that is being defined."""

    body = None

    @classmethod
    def __prepare__(mcs, _name, _bases, **_kwargs):
        MultiMethodMeta.body = {}
        return MultiMethodMeta.body

    def __init__(cls, name, bases, namespace):
        MultiMethodMeta.body = None
        super(MultiMethodMeta, cls).__init__(name, bases, namespace)


class MultiMethod:
    """Methods of one name, each with its condition: the first that holds is called, then the default."""

    def __init__(self, default):
        self.default = default
        self.methods = []
        if default:
            functools.update_wrapper(self, default)

    def register(self, condition, method):
        self.methods.append((condition, method))
        if not hasattr(self, "__name__"):
            functools.update_wrapper(self, method)

    def __get__(self, instance, _owner):
        model = self.methods[0][1] if self.methods else self.default
        return functools.wraps(model)(functools.partial(self.call, instance))

    def chosen(self, spec):
        for condition, method in self.methods:
            if spec.satisfies(condition):
                return method
        return self.default

    def call(self, instance, *args, **kwargs):
        method = self.chosen(instance.spec)
        if method:
            return method(instance, *args, **kwargs)
        for base in type(instance).__mro__[1:]:
            inherited = base.__dict__.get(self.__name__)
            method = inherited.chosen(instance.spec) if isinstance(inherited, MultiMethod) else inherited
            if method:
                return method(instance, *args, **kwargs)
        message = "`{}` of {} has no variant for `{}`"
        raise NoSuchMethodError(message.format(self.__name__, type(instance).__name__, instance.spec))


class when:
    """A condition on directives (`with when(…)`) or on a method (`@when(…)`)."""

    def __init__(self, condition):
        self._condition = condition

    def __call__(self, method):
        if MultiMethodMeta.body is None:
            raise TypeError("`@when` is for methods of packages and builders")
        existing = MultiMethodMeta.body.get(method.__name__)
        if not isinstance(existing, MultiMethod):
            existing = MultiMethod(existing)
        if self._condition is not False:
            condition = "" if self._condition is True else self._condition
            existing.register(Spec(condition), method)
        return existing

    def __enter__(self):
        directives.push_condition(self._condition)

    def __exit__(self, *_exception):
        directives.pop_condition()


@contextmanager
def default_args(**kwargs):
    """Other defaults for the arguments of directives in this block."""
    directives.push_defaults(kwargs)
    try:
        yield
    finally:
        directives.pop_defaults()
