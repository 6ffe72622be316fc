"""The ways in which one line of code is broken on purpose, and the mutants of a source text."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
NEGATION: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
GENERIC = {"tuple", "list", "dict", "set", "frozenset", "type", "Mapping", "Sequence", "Callable", "Iterator"}
"""What stands before the bracket of a type; an alias of one is an annotation."""
NUDGE = 0.01
"""How far a fraction is moved: warning shares and rates are given in hundredths."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken version of a module. ``name`` holds no line number, so that it stays when code above it moves."""

    name: str
    line: int
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of ``source``, in the order of its lines.

    Names, annotations, docstrings, decorators and assertions are left alone: breaking them changes no rule.
    """
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    for path, node, place in _places(tree, (), ""):
        for other in _broken(node):
            changed = f"{_words(node)} → {_words(other)}"
            name = f"{place or 'module'}: {changed}"
            seen[name] += 1
            numbered = name if seen[name] == 1 else f"{name} #{seen[name]}"
            yield Mutant(numbered, getattr(node, "lineno", 0), _with(tree, path, other))


Step = tuple[str, int | None]


def _places(node: ast.AST, path: tuple[Step, ...], place: str) -> Iterator[tuple[tuple[Step, ...], ast.AST, str]]:
    """Every node that may be broken: the way to it from the root, itself, and the function or class it stands in."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            way = (*path, (name, index))
            yield way, child, place
            yield from _places(child, way, _inside(child, place))


def _inside(node: ast.AST, place: str) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return f"{place}.{node.name}" if place else node.name
    return place


def _is_left_alone(node: ast.AST) -> bool:
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_type = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in GENERIC
    return is_docstring or is_type or isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr)


def _broken(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            yield from (_without(node, "values", i) for i in range(len(node.values)))
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.UnaryOp(op=ast.Invert()):
            yield node.operand
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
        case ast.Call(func=ast.Name(id=name)) if name in CALLED:
            yield ast.Call(ast.Name(CALLED[name], ast.Load()), node.args, node.keywords)
        case ast.Constant():
            yield from (ast.Constant(value) for value in _constants(node.value))
        case ast.If() | ast.IfExp() | ast.While():
            yield from (_replaced(node, "test", ast.Constant(value)) for value in (True, False))
        case ast.Set() | ast.Tuple() | ast.List() if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            yield from _shorter(node)
        case ast.Dict():
            yield from (_without_entry(node, i) for i in range(len(node.keys)))
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Continue():
            yield ast.Pass()


def _comparisons(node: ast.Compare) -> Iterator[ast.Compare]:
    for i, op in enumerate(node.ops):
        for table in (BOUNDARY, NEGATION):
            if type(op) in table:
                ops = [*node.ops[:i], table[type(op)](), *node.ops[i + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)


def _constants(value: object) -> tuple[bool | int | float, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        return (value + NUDGE, value - NUDGE)
    return ()


def _shorter(node: ast.Set | ast.Tuple | ast.List) -> Iterator[ast.AST]:
    """Without one of its elements; only tables of words or names, because another length elsewhere is merely an error."""
    if all(isinstance(element, ast.Constant | ast.Attribute | ast.Starred | ast.Name) for element in node.elts):
        yield from (_without(node, "elts", i) for i in range(len(node.elts)))


def _without(node: ast.AST, field: str, i: int) -> ast.AST:
    values = getattr(node, field)
    if isinstance(node, ast.BoolOp) and len(values) == 2:
        kept: ast.AST = values[1 - i]
        return kept
    return _replaced(node, field, [*values[:i], *values[i + 1 :]])


def _without_entry(node: ast.Dict, i: int) -> ast.Dict:
    return ast.Dict([*node.keys[:i], *node.keys[i + 1 :]], [*node.values[:i], *node.values[i + 1 :]])


def _replaced(node: ast.AST, field: str, value: object) -> ast.AST:
    changed = copy.copy(node)
    setattr(changed, field, value)
    return changed


def _with(tree: ast.Module, path: tuple[Step, ...], other: ast.AST) -> ast.Module:
    """The tree with ``other`` at the end of ``path``; the original stays as it is."""
    changed = copy.deepcopy(tree)
    node: ast.AST = changed
    for name, index in path[:-1]:
        value = getattr(node, name)
        node = value if index is None else value[index]
    name, index = path[-1]
    if index is None:
        setattr(node, name, other)
    else:
        getattr(node, name)[index] = other
    return ast.fix_missing_locations(changed)


def _words(node: ast.AST) -> str:
    """A node on one line; of a statement with a body only its head."""
    if isinstance(node, ast.If | ast.While):
        return f"if {_words(node.test)}"
    text = " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())
    return text if len(text) <= 160 else f"{text[:110]} … {text[-45:]}"
