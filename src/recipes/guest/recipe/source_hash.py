"""The digest of a recipe's canonical source: what of `package.py` can matter to a build, and nothing else.

Documentation, directives and metadata are taken out. Of methods with `@when` only those stay that a spec may call, so
the digest depends on which of their conditions a spec satisfies: there is one for each combination.
"""

import ast
import base64
import hashlib
from itertools import product

from recipe import directives, source_text
from recipe.channel import ask

#: Attributes of packages that cannot change what is built.
_METADATA = frozenset(
    "url go git cvs svn hg s3 gs homepage urls list_url extendable parallel make_jobs maintainers tags".split()
)

#: More conditions than this would make a table of millions.
_MOST_CONDITIONS = 14


def recipe_hash(module):
    """A digest, or `{"conditions", "hashes", "table"}` when it depends on the spec. The syntax tree is used up."""
    _drop_documentation(module)
    module.body = _kept(module.body, in_class=False)
    pieces = []
    methods = {}
    for piece in source_text.module_pieces(module):
        if isinstance(piece, source_text.FunctionPiece):
            _register(piece, methods)
        pieces.append(piece)
    conditions = []
    for candidates in methods.values():
        for _, verdicts in candidates:
            conditions += [each for each in verdicts if isinstance(each, str) and each not in conditions]
    return _table(pieces, methods, conditions)


def _table(pieces, methods, conditions):
    if not conditions:
        return _digest(pieces, methods, {})
    if len(conditions) > _MOST_CONDITIONS:
        raise ValueError("methods with `@when` have {} different conditions".format(len(conditions)))
    hashes = {}
    for combination in product((False, True), repeat=len(conditions)):
        # The first condition is the lowest bit of the place in the table.
        values = tuple(reversed(combination))
        hashes[values] = _digest(pieces, methods, dict(zip(conditions, values)))
    relevant = [index for index in range(len(conditions)) if _matters(index, hashes)]
    if not relevant:
        return next(iter(hashes.values()))
    reduced = {}
    for values, digest in hashes.items():
        reduced[sum(1 << place for place, index in enumerate(relevant) if values[index])] = digest
    distinct = []
    for place in sorted(reduced):
        if reduced[place] not in distinct:
            distinct.append(reduced[place])
    table = [distinct.index(reduced[place]) for place in sorted(reduced)]
    return {"conditions": [conditions[index] for index in relevant], "hashes": distinct, "table": table}


def _matters(index, hashes):
    return any(hashes[values] != hashes[values[:index] + (not values[index],) + values[index + 1 :]] for values in hashes)


def _digest(pieces, methods, holds):
    """The digest of the source for a spec of which is known which conditions it satisfies."""
    chosen = set()
    for candidates in methods.values():
        chosen.update(id(piece) for piece in _resolved(candidates, holds))
    texts = [piece if isinstance(piece, str) else piece.text for piece in pieces if isinstance(piece, str) or id(piece) in chosen]
    digest = hashlib.sha1(source_text.join_pieces(texts).encode("utf-8")).digest()
    return base64.b32encode(digest).decode("ascii").lower()


def _resolved(candidates, holds):
    """Of the methods with one name those that may be called."""
    resolved, default = [], None
    for piece, verdicts in candidates:
        known = [holds.get(each, each) for each in verdicts]
        if not verdicts:
            default = piece
        elif any(each is False for each in known):
            continue
        elif all(each is True for each in known) and resolved and resolved[0] is default:
            return [piece]
        resolved.append(piece)
    return resolved


def _register(piece, methods):
    """Notes a function with what decides about it: for each decorator a condition, a constant or None."""
    verdicts = [_verdict(each) for each in piece.decorators]
    if not verdicts:
        methods[piece.node.name] = []
    methods.setdefault(piece.node.name, []).append((piece, verdicts))


def _verdict(decorator):
    if not source_text.is_when(decorator):
        return None
    argument = decorator.args[0]
    if source_text.is_text(argument):
        text = source_text.text_of(argument)
        # What is no spec is decided by Python when the method is called.
        return text if ask("is-spec", text) else None
    value = getattr(argument, "value", None)
    return value if isinstance(value, bool) else None


# What is taken out


#: Nodes that have statements in them.
_WITH_STATEMENTS = tuple(
    getattr(ast, name)
    for name in "ClassDef FunctionDef AsyncFunctionDef If For AsyncFor While With AsyncWith Try TryStar ExceptHandler match_case".split()
    if hasattr(ast, name)
) + ((ast.Match,) if hasattr(ast, "Match") else ())


def _drop_documentation(node):
    """Takes texts that stand alone out of the bodies of a module, its classes and functions."""
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
        node.body = [each for each in node.body if not (isinstance(each, ast.Expr) and source_text.is_text(each.value))]
        if not node.body:
            node.body = [ast.Pass()]
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, field, ()):
            if isinstance(child, _WITH_STATEMENTS):
                _drop_documentation(child)


def _kept(nodes, in_class):
    """The statements without directives and metadata, and without blocks that only held such."""
    kept = []
    for node in nodes:
        if _is_directive(node) or _is_metadata(node):
            continue
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and in_class):
            pass
        elif isinstance(node, ast.If):
            _keep_fields(node, in_class)
            if not node.body and not node.orelse:
                continue
            node.body = node.body or [ast.Pass()]
        elif isinstance(node, (ast.With, ast.For, ast.While)):
            _keep_fields(node, in_class)
            if not node.body:
                continue
        elif isinstance(node, ast.ClassDef):
            node.body = _kept(node.body, in_class=True) or [ast.Pass()]
        else:
            _keep_fields(node, in_class)
        kept.append(node)
    return kept


def _keep_fields(node, in_class):
    for field in ("body", "orelse", "finalbody"):
        if isinstance(getattr(node, field, None), list):
            setattr(node, field, _kept(getattr(node, field), in_class))
    for handler in getattr(node, "handlers", ()):
        handler.body = _kept(handler.body, in_class)


def _is_directive(node):
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in directives.names


def _is_metadata(node):
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    return node.targets[0].id in _METADATA
