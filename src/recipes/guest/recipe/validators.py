"""Rules for variant values that recipes give as functions, told apart by what they accept.

The index holds data and no code, so a rule becomes one of a few named kinds: the one that accepts and refuses the same
probes. What a recipe's function compares with (its constants) is probed too.
"""

_PROBES = (
    "", "0", "1", "-1", "+1", "007", "5", "6", "7", "8", "12", "31", "32", "33", "64", "1.0", "1.5", "-1.5", "0.0", "1e3",
    "1_0", " 1", "abc", "none", "auto", "1a", "6a", "a1", "/", "/no/such/directory", "true", "three words here", "\u00b2",
)


def _is_number(make, test=lambda number: True):
    def accepts(text):
        try:
            return bool(test(make(text)))
        except (ValueError, OverflowError):
            return False

    return accepts


def _existing_directory(text):
    return text == "/"


#: Kinds in the order in which they are tried. Of two that fit, the first is meant.
_KINDS = (
    ("any", lambda text: True),
    ("nonempty", bool),
    ("int", _is_number(int)),
    ("positive-int", _is_number(int, lambda number: number > 0)),
    ("digits", lambda text: text.isdigit()),
    ("positive-digits", lambda text: text.isdigit() and _is_number(int, lambda number: number > 0)(text)),
    ("positive-float", _is_number(float, lambda number: number > 0)),
    ("integral-number", _is_number(float, lambda number: number.is_integer())),
    ("multiple-of-32", _is_number(int, lambda number: number % 32 == 0)),
    ("first-digit-1-to-6", lambda text: text[:1] in tuple("123456")),
    ("existing-directory", _existing_directory),
)


def describe(function):
    """The rule as data: `{"kind", …}`. Raises ValueError when no kind fits."""
    constants = [text for text in _constants(function) if text not in _PROBES]
    verdicts = {text: _accepts(function, text) for text in _PROBES + tuple(constants)}
    if not any(verdicts[text] for text in _PROBES if text not in ("none", "auto")):
        accepted = [text for text in _constants(function) if verdicts.get(text)]
        if accepted:
            return {"kind": "one-of", "values": accepted}
    best = None
    for kind, accepts in _KINDS:
        differing = [text for text in verdicts if verdicts[text] != bool(_guarded(accepts, text))]
        if not differing:
            return {"kind": kind}
        if best is None and all(verdicts[text] and text in ("none", "auto") + tuple(constants) for text in differing):
            best = {"kind": kind, "also": sorted(differing)}
    if best is None:
        accepted = [text for text in verdicts if verdicts[text]]
        raise ValueError("a rule for variant values is of no known kind: it accepts {}".format(accepted))
    return best


def _accepts(function, text):
    """A value is refused by an exception or by False, and by nothing else: 0 and the empty text are no refusals."""
    try:
        return function(text) is not False
    except Exception:
        return False


def describe_group(function, package, arguments):
    """A rule for sets of values as data. Raises ValueError when it is of no known kind."""

    def accepts(*values):
        try:
            return function(package, arguments["name"], values) is not False
        except Exception:
            return False

    values = arguments["values"]
    if callable(values):
        alone = str(arguments["default"])
        words = [text for text in _constants(function) if text != alone and accepts(text)]
        if words and accepts(alone) and not any(accepts(alone, text) for text in words):
            return {"kind": "subset-or", "subset_of": words, "or": [alone]}
        raise ValueError("a rule for sets of variant values is of no known kind")
    words = [str(value) for value in values]
    alone = [one for one in words if not any(accepts(one, other) for other in words if other != one)]
    pairs = [
        [one, other]
        for index, one in enumerate(words)
        for other in words[:index]
        if one not in alone and other not in alone and not accepts(one, other)
    ]
    return {"kind": "exclusions", "alone": alone, "not_together": pairs}


def _guarded(accepts, text):
    try:
        return accepts(text)
    except (ValueError, IndexError):
        return False


def _constants(function):
    """Texts that a function compares with: its constants, those of its closure and of globals that it names."""
    code = getattr(function, "__code__", None)
    if code is None:
        return []
    found = list(code.co_consts)
    found += [cell.cell_contents for cell in function.__closure__ or ()]
    named = [function.__globals__[name] for name in code.co_names if name in function.__globals__]
    found += named
    found += [vars(each)[name] for each in named if isinstance(each, type) for name in code.co_names if name in vars(each)]
    texts = []
    for each in found:
        for text in each if isinstance(each, (tuple, list, set, frozenset, dict)) else (each,):
            if isinstance(text, str) and text not in texts:
                texts.append(text)
    return texts
