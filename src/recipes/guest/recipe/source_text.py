"""Prints a syntax tree as text, the same on every Python from 3.6 on.

The text is hashed, and the hashes are Spack's: every blank and every pair of brackets is part of the contract. It follows
from `spack.util.unparse` of Spack 1.x in its consistent mode, whose rules go back to CPython's `ast.unparse`.

Statements become pieces: texts that start with a new line, and for a function outside of functions the function itself,
so that a caller can leave it out.
"""

import ast
import sys

#: How tightly expressions bind; what binds less than its place asks for gets brackets.
NAMED, TUPLE, YIELD, TEST, OR, AND, NOT, COMPARE, BITOR, BITXOR, BITAND, SHIFT, SUM, TERM, FACTOR, POWER, AWAIT, ATOM = range(1, 19)

_BINARY = {
    "Add": ("+", SUM), "Sub": ("-", SUM), "Mult": ("*", TERM), "MatMult": ("@", TERM), "Div": ("/", TERM),
    "Mod": ("%", TERM), "FloorDiv": ("//", TERM), "LShift": ("<<", SHIFT), "RShift": (">>", SHIFT), "BitOr": ("|", BITOR),
    "BitXor": ("^", BITXOR), "BitAnd": ("&", BITAND), "Pow": ("**", POWER),
}  # fmt: skip
_UNARY = {"Invert": ("~", FACTOR), "UAdd": ("+", FACTOR), "USub": ("-", FACTOR), "Not": ("not ", NOT)}
_COMPARISON = {
    "Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not",
    "In": "in", "NotIn": "not in",
}  # fmt: skip
_INFINITY = "1e" + repr(sys.float_info.max_10_exp + 1)
_SHORT_QUOTES = ("'", '"')
_LONG_QUOTES = ('"""', "'''")


class FunctionPiece:
    """A function of a class or module, with its decorators and its text, in which those that `@when` makes are missing."""

    __slots__ = ("node", "decorators", "text")

    def __init__(self, node, decorators, text):
        self.node = node
        self.decorators = decorators
        self.text = text


def module_pieces(module):
    """The pieces of a module's statements."""
    pieces = []
    _statements(module.body, 0, pieces)
    return pieces


def join_pieces(texts):
    """The text of a module from the texts of its pieces."""
    return "".join(texts).lstrip("\n") + "\n"


# Statements


def _statements(nodes, depth, pieces):
    for node in nodes:
        printer = _STATEMENTS.get(type(node).__name__)
        if printer is None:
            pieces.append(_line(depth, _simple_statement(node)))
        else:
            printer(node, depth, pieces)


def _line(depth, text):
    return "\n" + "    " * depth + text


def _text_of(printer, node, depth):
    pieces = []
    printer(node, depth, pieces)
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)


def _block(nodes, depth, pieces):
    pieces.append(":")
    _statements(nodes, depth + 1, pieces)


def _simple_statement(node):
    return _SIMPLE[type(node).__name__](node)


def _class(node, depth, pieces):
    pieces.append("\n" + "".join(_line(depth, "@" + _expression(each)) for each in node.decorator_list))
    arguments = [_expression(each) for each in node.bases] + [_keyword(each, _plain) for each in node.keywords]
    pieces.append(_line(depth, "class " + node.name + ("({})".format(", ".join(arguments)) if arguments else "")))
    _body(node, depth, pieces)


def _body(node, depth, pieces):
    """A body whose first statement is written as a documentation string if it is one."""
    pieces.append(":")
    body = node.body
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    if first is not None and is_text(first):
        pieces.append(_line(depth + 1, _quoted(text_of(first), _LONG_QUOTES)))
        body = body[1:]
    _statements(body, depth + 1, pieces)


def _function(node, depth, pieces):
    if not isinstance(node, ast.FunctionDef):
        return _function_text(node, depth, pieces)
    decorators = node.decorator_list
    node.decorator_list = [each for each in decorators if not is_when(each)]
    pieces.append(FunctionPiece(node, decorators, _text_of(_function_text, node, depth)))


def is_when(node):
    """Whether a decorator is `@when(…)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "when" and len(node.args) == 1


def _function_text(node, depth, pieces):
    pieces.append("\n" + "".join(_line(depth, "@" + _expression(each)) for each in node.decorator_list))
    word = "def " if isinstance(node, ast.FunctionDef) else "async def "
    pieces.append(_line(depth, "{}{}({})".format(word, node.name, _arguments(node.args, _plain))))
    if node.returns:
        pieces.append(" -> " + _expression(node.returns))
    _body(node, depth, pieces)


def _for(node, depth, pieces):
    word = "for " if isinstance(node, ast.For) else "async for "
    pieces.append(_line(depth, "{}{} in {}".format(word, _expression(node.target, TUPLE), _expression(node.iter))))
    _block(node.body, depth, pieces)
    _else(node.orelse, depth, pieces)


def _while(node, depth, pieces):
    pieces.append(_line(depth, "while " + _expression(node.test)))
    _block(node.body, depth, pieces)
    _else(node.orelse, depth, pieces)


def _if(node, depth, pieces):
    pieces.append(_line(depth, "if " + _expression(node.test)))
    _block(node.body, depth, pieces)
    while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        node = node.orelse[0]
        pieces.append(_line(depth, "elif " + _expression(node.test)))
        _block(node.body, depth, pieces)
    _else(node.orelse, depth, pieces)


def _else(nodes, depth, pieces):
    if nodes:
        pieces.append(_line(depth, "else"))
        _block(nodes, depth, pieces)


def _with(node, depth, pieces):
    word = "with " if isinstance(node, ast.With) else "async with "
    items = []
    for item in node.items:
        name = " as " + _expression(item.optional_vars) if item.optional_vars else ""
        items.append(_expression(item.context_expr) + name)
    pieces.append(_line(depth, word + ", ".join(items)))
    _block(node.body, depth, pieces)


def _try(node, depth, pieces):
    pieces.append(_line(depth, "try"))
    _block(node.body, depth, pieces)
    word = "except*" if type(node).__name__ == "TryStar" else "except"
    for handler in node.handlers:
        caught = " " + _expression(handler.type) if handler.type else ""
        pieces.append(_line(depth, word + caught + (" as " + handler.name if handler.name else "")))
        _block(handler.body, depth, pieces)
    _else(node.orelse, depth, pieces)
    if node.finalbody:
        pieces.append(_line(depth, "finally"))
        _block(node.finalbody, depth, pieces)


_STATEMENTS = {
    "ClassDef": _class, "FunctionDef": _function, "AsyncFunctionDef": _function, "For": _for, "AsyncFor": _for,
    "While": _while, "If": _if, "With": _with, "AsyncWith": _with, "Try": _try, "TryStar": _try,
}  # fmt: skip


def _assign(node):
    return "".join(_expression(target, TUPLE) + " = " for target in node.targets) + _expression(node.value)


def _augmented(node):
    return "{} {}= {}".format(_expression(node.target), _BINARY[type(node.op).__name__][0], _expression(node.value))


def _annotated(node):
    target = _expression(node.target)
    if not node.simple and isinstance(node.target, ast.Name):
        target = "({})".format(target)
    value = " = " + _expression(node.value) if node.value else ""
    return "{}: {}{}".format(target, _expression(node.annotation), value)


def _raise(node):
    if not node.exc:
        return "raise"
    return "raise " + _expression(node.exc) + (" from " + _expression(node.cause) if node.cause else "")


def _names(aliases):
    return ", ".join(each.name + (" as " + each.asname if each.asname else "") for each in aliases)


_SIMPLE = {
    "Expr": lambda node: _expression(node.value, YIELD),
    "Assign": _assign,
    "AugAssign": _augmented,
    "AnnAssign": _annotated,
    "Return": lambda node: "return " + _expression(node.value) if node.value else "return",
    "Raise": _raise,
    "Pass": lambda node: "pass",
    "Break": lambda node: "break",
    "Continue": lambda node: "continue",
    "Delete": lambda node: "del " + ", ".join(_expression(each) for each in node.targets),
    "Assert": lambda node: "assert " + _expression(node.test) + (", " + _expression(node.msg) if node.msg else ""),
    "Global": lambda node: "global " + ", ".join(node.names),
    "Nonlocal": lambda node: "nonlocal " + ", ".join(node.names),
    "Import": lambda node: "import " + _names(node.names),
    "ImportFrom": lambda node: "from {}{} import {}".format("." * (node.level or 0), node.module or "", _names(node.names)),
}


# Expressions


class _Mode:
    """Where an expression stands: in code, or in the braces of an f-string, where older Pythons allow no backslash."""

    __slots__ = ("in_braces",)

    def __init__(self, in_braces):
        self.in_braces = in_braces


_plain, _braces = _Mode(False), _Mode(True)


def _expression(node, place=TEST, mode=_plain):
    """The text of an expression at a place that asks for a binding of at least `place`."""
    return _EXPRESSIONS[type(node).__name__](node, place, mode)


def _list(nodes, mode):
    return ", ".join(_expression(each, TEST, mode) for each in nodes)


def _bracketed(text, binding, place):
    return "({})".format(text) if place > binding else text


def _tighter(binding):
    return min(binding + 1, ATOM)


def _named(node, place, mode):
    text = "{} := {}".format(_expression(node.target, ATOM, mode), _expression(node.value, ATOM, mode))
    return _bracketed(text, NAMED, place)


def _await(node, place, mode):
    return _bracketed("await " + _expression(node.value, ATOM, mode), AWAIT, place)


def _yield(node, place, mode):
    return _bracketed("yield " + _expression(node.value, ATOM, mode) if node.value else "yield", YIELD, place)


def _yield_from(node, place, mode):
    return _bracketed("yield from " + _expression(node.value, ATOM, mode), YIELD, place)


def _tuple(node, place, mode):
    text = _list(node.elts, mode) + ("," if len(node.elts) == 1 else "")
    # Only in the braces of f-strings are brackets left out where they can be.
    return "({})".format(text) if not mode.in_braces or not node.elts or place > TUPLE else text


def _unary(node, place, mode):
    sign, binding = _UNARY[type(node.op).__name__]
    return _bracketed(sign + _expression(node.operand, binding, mode), binding, place)


def _binary(node, place, mode):
    sign, binding = _BINARY[type(node.op).__name__]
    left, right = (_tighter(binding), binding) if sign == "**" else (binding, _tighter(binding))
    text = "{} {} {}".format(_expression(node.left, left, mode), sign, _expression(node.right, right, mode))
    return _bracketed(text, binding, place)


def _compare(node, place, mode):
    text = _expression(node.left, _tighter(COMPARE), mode)
    for sign, right in zip(node.ops, node.comparators):
        text += " {} {}".format(_COMPARISON[type(sign).__name__], _expression(right, _tighter(COMPARE), mode))
    return _bracketed(text, COMPARE, place)


def _boolean(node, place, mode):
    word, binding = (" and ", AND) if isinstance(node.op, ast.And) else (" or ", OR)
    # Each operand must bind tighter than the one before it: that is how it always was.
    texts = [_expression(each, min(binding + 1 + index, ATOM), mode) for index, each in enumerate(node.values)]
    return _bracketed(word.join(texts), binding, place)


def _attribute(node, place, mode):
    blank = " " if _is_integer(node.value) else ""
    return "{}{}.{}".format(_expression(node.value, ATOM, mode), blank, node.attr)


def _call(node, place, mode):
    arguments = [_expression(each, TEST, mode) for each in node.args] + [_keyword(each, mode) for each in node.keywords]
    return "{}({})".format(_expression(node.func, ATOM, mode), ", ".join(arguments))


def _keyword(node, mode):
    return ("**" if node.arg is None else node.arg + "=") + _expression(node.value, TEST, mode)


def _subscript(node, place, mode):
    return "{}[{}]".format(_expression(node.value, ATOM, mode), _index(node.slice, mode))


def _index(node, mode):
    kind = type(node).__name__
    if kind == "Index":  # Python 3.8 and older
        return _index(node.value, mode)
    if kind == "ExtSlice":  # Python 3.8 and older
        return ", ".join(_index(each, mode) for each in node.dims)
    if kind == "Tuple" and node.elts and not any(isinstance(each, ast.Starred) for each in node.elts):
        return _list(node.elts, mode) + ("," if len(node.elts) == 1 else "")
    return _expression(node, TEST, mode)


def _slice(node, place, mode):
    lower = _expression(node.lower, TEST, mode) if node.lower else ""
    upper = _expression(node.upper, TEST, mode) if node.upper else ""
    return "{}:{}{}".format(lower, upper, ":" + _expression(node.step, TEST, mode) if node.step else "")


def _starred(node, place, mode):
    return "*" + _expression(node.value, BITOR, mode)


def _conditional(node, place, mode):
    body, test = _expression(node.body, _tighter(TEST), mode), _expression(node.test, _tighter(TEST), mode)
    return _bracketed("{} if {} else {}".format(body, test, _expression(node.orelse, TEST, mode)), TEST, place)


def _lambda(node, place, mode):
    arguments = _arguments(node.args, mode)
    blank = " " if arguments or not mode.in_braces else ""
    text = "lambda{}{}: {}".format(blank, arguments, _expression(node.body, TEST, mode))
    return _bracketed(text, TEST, place)


def _arguments(node, mode):
    texts = []
    only = len(getattr(node, "posonlyargs", ()))
    positional = list(getattr(node, "posonlyargs", ())) + node.args
    defaults = [None] * (len(positional) - len(node.defaults)) + node.defaults
    for index, (argument, default) in enumerate(zip(positional, defaults), 1):
        texts.append(_argument(argument, default, mode))
        if index == only:
            texts.append("/")
    if node.vararg or node.kwonlyargs:
        texts.append("*" + (_argument(node.vararg, None, mode) if node.vararg else ""))
    texts += [_argument(argument, default, mode) for argument, default in zip(node.kwonlyargs, node.kw_defaults)]
    if node.kwarg:
        texts.append("**" + _argument(node.kwarg, None, mode))
    return ", ".join(texts)


def _argument(node, default, mode):
    annotation = ": " + _expression(node.annotation, TEST, mode) if node.annotation else ""
    return node.arg + annotation + ("=" + _expression(default, TEST, mode) if default else "")


def _dictionary(node, place, mode):
    items = []
    for key, value in zip(node.keys, node.values):
        if key is None:
            items.append("**" + _expression(value, BITOR, mode))
        else:
            items.append("{}: {}".format(_expression(key, TEST, mode), _expression(value, TEST, mode)))
    return "{" + ", ".join(items) + "}"


def _set(node, place, mode):
    return "{" + (_list(node.elts, mode) or "*()") + "}"


def _comprehension(opening, closing):
    def print_it(node, place, mode):
        if isinstance(node, ast.DictComp):
            element = "{}: {}".format(_expression(node.key, TEST, mode), _expression(node.value, TEST, mode))
        else:
            element = _expression(node.elt, TEST, mode)
        return opening + element + "".join(_generator(each, mode) for each in node.generators) + closing

    return print_it


def _generator(node, mode):
    text = " async for " if node.is_async else " for "
    text += "{} in {}".format(_expression(node.target, TUPLE, mode), _expression(node.iter, _tighter(TEST), mode))
    return text + "".join(" if " + _expression(each, _tighter(TEST), mode) for each in node.ifs)


def _constant(node, place, mode):
    value = node.value
    if value is Ellipsis:
        return "..."
    prefix = "u" if mode.in_braces and getattr(node, "kind", None) == "u" else ""
    return prefix + _value(value, mode)


def _value(value, mode):
    if isinstance(value, (float, complex)):
        return repr(value).replace("inf", _INFINITY).replace("nan", "({0}-{0})".format(_INFINITY))
    if isinstance(value, str) and mode.in_braces:
        return _quoted(value, _SHORT_QUOTES + _LONG_QUOTES)
    return repr(value)


_EXPRESSIONS = {
    "Name": lambda node, place, mode: node.id,
    "Constant": _constant,
    # Python 3.7 and older
    "Num": lambda node, place, mode: repr(node.n).replace("inf", _INFINITY),
    "Str": lambda node, place, mode: _value(node.s, mode),
    "Bytes": lambda node, place, mode: repr(node.s),
    "NameConstant": lambda node, place, mode: repr(node.value),
    "Ellipsis": lambda node, place, mode: "...",
    "NamedExpr": _named, "Await": _await, "Yield": _yield, "YieldFrom": _yield_from, "Tuple": _tuple, "UnaryOp": _unary,
    "BinOp": _binary, "Compare": _compare, "BoolOp": _boolean, "Attribute": _attribute, "Call": _call,
    "Subscript": _subscript, "Slice": _slice, "Starred": _starred, "IfExp": _conditional, "Lambda": _lambda,
    "List": lambda node, place, mode: "[" + _list(node.elts, mode) + "]",
    "Dict": _dictionary, "Set": _set, "ListComp": _comprehension("[", "]"), "SetComp": _comprehension("{", "}"),
    "DictComp": _comprehension("{", "}"), "GeneratorExp": _comprehension("(", ")"),
    "JoinedStr": lambda node, place, mode: _joined(node, mode),
}  # fmt: skip


# Texts


def is_text(node):
    return isinstance(getattr(node, "value", None), str) if type(node).__name__ == "Constant" else type(node).__name__ == "Str"


def text_of(node):
    return node.value if type(node).__name__ == "Constant" else node.s


def _is_integer(node):
    name = type(node).__name__
    return isinstance(node.value, int) if name == "Constant" else name == "Num" and isinstance(node.n, int)


def _quoting(text, quotes, escape_blanks=False):
    """A text without its quotes, and the quotes that can stand around it, the best first."""
    escaped = "".join(_escaped(character, escape_blanks) for character in text)
    fitting = [quote for quote in quotes if not ("\n" in escaped and quote in _SHORT_QUOTES) and quote not in escaped]
    if not fitting:
        plain = repr(text)
        return plain[1:-1], [next((quote for quote in quotes if plain[0] in quote), plain[0])]
    if escaped:
        fitting.sort(key=lambda quote: quote[0] == escaped[-1])
        if fitting[0][0] == escaped[-1]:
            escaped = escaped[:-1] + "\\" + escaped[-1]
    return escaped, fitting


def _escaped(character, escape_blanks):
    if character in "\n\t" and not escape_blanks:
        return character
    if character == "\\" or not character.isprintable():
        return character.encode("unicode_escape").decode("ascii")
    return character


def _quoted(text, quotes):
    escaped, fitting = _quoting(text, quotes)
    return fitting[0] + escaped + fitting[0]


def _joined(node, mode):
    """An f-string."""
    if mode.in_braces:
        return "f" + _quoted("".join(_inside(each) for each in node.values), _SHORT_QUOTES + _LONG_QUOTES)
    parts = [(_inside(each), is_text(each)) for each in node.values]
    quotes = list(_SHORT_QUOTES + _LONG_QUOTES)
    texts = []
    for text, is_constant in parts:
        text, fitting = _quoting(text, quotes, escape_blanks=is_constant)
        if not set(fitting) & set(quotes):
            quotes = ["'''"]
            texts = [repr('"' + each)[2:-1] for each, _ in parts]
            break
        quotes = fitting
        texts.append(text)
    return "f" + quotes[0] + "".join(texts) + quotes[0]


def _inside(node, in_format=False):
    """A part of an f-string as it stands between the quotes."""
    kind = type(node).__name__
    if kind == "JoinedStr":
        return "".join(_inside(each, in_format) for each in node.values)
    if kind == "FormattedValue":
        return _replacement(node)
    text = text_of(node).replace("{", "{{").replace("}", "}}")
    if in_format:
        for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ('"', '\\"'), ("\n", "\\n")):
            text = text.replace(plain, escaped)
    return text


def _replacement(node):
    text = _expression(node.value, _tighter(TEST), _braces)
    if "\\" in text:
        raise ValueError("an expression in an f-string cannot be written without a backslash")
    conversion = "!" + chr(node.conversion) if node.conversion != -1 else ""
    form = ":" + _inside(node.format_spec, in_format=True) if node.format_spec else ""
    return "{" + (" " if text.startswith("{") else "") + text + conversion + form + "}"
