"""`run_before` and `run_after`: methods that join the phases of a build."""

_waiting = {"_run_before_callbacks": [], "_run_after_callbacks": []}


class PhaseCallbacksMeta(type):
    """Gives each class the callbacks of its own body, followed by those of its bases."""

    def __new__(mcs, name, bases, namespace):
        for attribute, waiting in _waiting.items():
            if attribute in namespace:
                continue
            inherited = []
            for base in bases:
                for callback in getattr(base, attribute, ()):
                    if callback not in inherited:
                        inherited.append(callback)
            namespace[attribute] = waiting[:] + inherited
            del waiting[:]
        return super(PhaseCallbacksMeta, mcs).__new__(mcs, name, bases, namespace)


def run_before(phase, when=None):
    return _collector("_run_before_callbacks", phase, when)


def run_after(phase, when=None):
    return _collector("_run_after_callbacks", phase, when)


def drop_waiting():
    """Forgets callbacks of a class whose body failed."""
    for waiting in _waiting.values():
        del waiting[:]


def _collector(attribute, phase, when):
    def collect(function):
        _waiting[attribute].append(((phase, when), function))
        return function

    return collect
