"""Arguments that Streamlit reads as Markdown and that might hold a text of others as it was typed.

Such an argument is fit when it is made of nothing but literals, sentences of the catalogue (``_``, ``ngettext``),
numbers and moments as the reader writes them, and ``Markdown`` of ``core.ui.text`` (``plain``, ``spoken``, ``md``,
``joined``, and whatever is annotated as ``Markdown``, which mypy holds). A parameter or a field annotated as ``Words``
hands the question to whoever calls, a function that returns ``Words`` to its ``return``. Everything else is a
complaint.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.architecture import Module, imports, last_name, modules

FLOORS = {"core.ui", "pages", "dashboard"}
ITSELF = "core.ui.text"
_FIRST = (
    "title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success", "toast", "badge",
    "button", "download_button", "link_button", "checkbox", "toggle", "radio", "text_input", "text_area",
    "number_input", "date_input", "time_input", "datetime_input", "selectbox", "multiselect", "pills",
    "segmented_control", "slider", "select_slider", "file_uploader", "expander", "popover", "dialog", "spinner",
    "status", "tabs", "table", "write", "Markdown",
)  # fmt: skip
# Function of Streamlit → places of its arguments that are Markdown; of ``metric`` the second is its value.
PLACES: Mapping[str, tuple[int, ...]] = dict.fromkeys(_FIRST, (0,)) | {"metric": (0, 1), "progress": (1,)}
ALWAYS_NAMED = ("page_link", "TextColumn", "NumberColumn", "DatetimeColumn", "Column")
# Name of such an argument → the functions for which it is Markdown, all where none is listed. A column draws its label.
NAMED: Mapping[str, tuple[str, ...]] = {
    "help": (), "body": (), "delta_description": (), "value": ("metric",), "text": ("progress",),
    "title": ("error", "warning", "info", "success"), "label": (*_FIRST, "metric", "page_link"),
    "format_func": ("pills", "segmented_control", "radio"),  # a selectbox shows its choices letter by letter
}  # fmt: skip
NOWHERE = ("",)
BY_NAME = -1  # the place of a parameter that has none
TRANSLATED = {"_", "gettext", "N_"}
FIT_CALLS = {
    "plain", "spoken", "md", "joined", "Markdown", "ngettext", "number", "written", "percent", "share", "moment",
    "short_moment", "short_due", "day", "short_day", "due_words", "len", "query_of",
}  # fmt: skip
Scope = tuple[ast.AST, ...]


@dataclass
class Known:
    """Names that are ``Markdown`` or ``Words``: what functions return, fields of classes.

    ``asking``: function or class → its parameters or fields that are ``Words``, each with its place; a private one is
    named with its module.
    """

    functions: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    asking: dict[str, dict[str, int]] = field(default_factory=dict)

    def learn(self, module: Module) -> None:
        """Add what ``module`` declares."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                if _is_checked(node.returns):
                    self.functions.add(node.name)
                places = _function_places(node.args)
            elif isinstance(node, ast.ClassDef):
                lines = [line for line in node.body if isinstance(line, ast.AnnAssign)]
                self.fields |= {ast.unparse(line.target) for line in lines if _is_checked(line.annotation)}
                places = {ast.unparse(line.target): at for at, line in enumerate(lines) if _is_words(line.annotation)}
            else:
                continue
            if places:
                self.asking[_key(module, node.name)] = places


def raw_markdown(root: Path) -> list[str]:
    """Arguments that Streamlit reads as Markdown without that a text in them is escaped."""
    screens = [module for module in modules(root) if module.floor in FLOORS and module.name != ITSELF]
    known = Known()
    for module in screens:
        known.learn(module)
    return [
        f"{module.at(found)} shows {ast.unparse(found)[:70]} as Markdown: put it through core.ui.text"
        for module in screens
        for found in _raw(module, known)
    ]


def _function_places(arguments: ast.arguments) -> dict[str, int]:
    by_place = [one for one in (*arguments.posonlyargs, *arguments.args) if one.arg != "self"]
    places = {one.arg: place for place, one in enumerate(by_place) if _is_words(one.annotation)}
    return places | {one.arg: BY_NAME for one in arguments.kwonlyargs if _is_words(one.annotation)}


def _key(module: Module, name: str) -> str:
    return f"{module.name}.{name}" if name.startswith("_") else name


def _is_checked(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) in (
        "Markdown",
        "Markdown | None",
        "Words",
        "Words | None",
    )


def _is_words(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) in ("Words", "Words | None")


def _is_number(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) in ("int", "float", "bool")


def _raw(module: Module, known: Known) -> Iterator[ast.expr]:
    elsewhere = {"log", *_imported(module)} - {"st", "Markdown"}
    others = {name for name, source in _imported(module).items() if not source.startswith(("core.ui", "pages"))}
    for scope, node in _within(module.tree, (module.tree,)):
        given: list[ast.expr] = []
        if isinstance(node, ast.Return) and _returns_words(scope):
            given += [node.value] if node.value else []
        elif isinstance(node, ast.Call):
            name = last_name(node.func)
            root = _root(node.func)
            if root not in elsewhere and (isinstance(node.func, ast.Attribute) or name == "Markdown"):
                given += _arguments(name, node)
            if root not in others | {"st"}:
                given += _asked_for(known.asking.get(_key(module, name), {}), node)
        yield from (argument for argument in given if not _is_fit(argument, scope, known))


def _imported(module: Module) -> dict[str, str]:
    """Name in this module → what it imports under it."""
    found = {target.rpartition(".")[2]: target for _node, target in imports(module)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname: f"{node.module}.{alias.name}" for alias in node.names if alias.asname}
    return found


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _within(node: ast.AST, scope: Scope) -> Iterator[tuple[Scope, ast.AST]]:
    """Everything in ``node`` with the functions it stands in, the innermost first."""
    for child in ast.iter_child_nodes(node):
        yield scope, child
        yield from _within(child, (child, *scope) if isinstance(child, ast.FunctionDef | ast.Lambda) else scope)


def _returns_words(scope: Scope) -> bool:
    inner = scope[0]
    return isinstance(inner, ast.FunctionDef) and _is_words(inner.returns)


def _arguments(name: str, call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call of Streamlit's function ``name`` that it reads as Markdown."""
    if name in PLACES or name in ALWAYS_NAMED:
        yield from (call.args[place] for place in PLACES.get(name, ()) if place < len(call.args))
        yield from (word.value for word in call.keywords if name in (NAMED.get(word.arg or "", NOWHERE) or (name,)))


def _asked_for(places: Mapping[str, int], call: ast.Call) -> Iterator[ast.expr]:
    for name, place in places.items():
        if BY_NAME < place < len(call.args):
            yield call.args[place]
        yield from (word.value for word in call.keywords if word.arg == name)


def _is_fit(node: ast.expr, scope: Scope, known: Known) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in known.fields
    if isinstance(node, ast.Name):
        return node.id in known.functions or _is_fit_name(node.id, scope, known)
    if isinstance(node, ast.Call) and last_name(node.func) in TRANSLATED:
        return isinstance(node.args[0], ast.Constant) or _is_table(node.args[0])
    parts = _parts(node, known)
    inside = (node, *scope) if isinstance(node, ast.Lambda) else scope
    return parts is not None and all(_is_fit(part, inside, known) for part in parts)


def _parts(node: ast.expr, known: Known) -> Sequence[ast.expr] | None:
    """What must be fit for ``node`` to be so; None for what never is."""
    parts: Sequence[ast.expr] | None = None
    match node:
        case ast.Constant() | ast.Compare():
            parts = ()
        case ast.JoinedStr(values=found) | ast.BoolOp(values=found) | ast.List(elts=found) | ast.Tuple(elts=found):
            parts = found
        case ast.FormattedValue():
            parts = () if node.format_spec else (node.value,)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add() | ast.BitOr(), right=other):
            parts = one, other
        case ast.DictComp():
            parts = node.key, node.value
        case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part) | ast.Lambda(body=part):
            parts = (part,)
        case ast.Call():
            parts = _parts_of_call(node, known)
    return parts


def _parts_of_call(call: ast.Call, known: Known) -> Sequence[ast.expr] | None:
    name = last_name(call.func)
    if isinstance(call.func, ast.Attribute) and name in ("format", "join"):
        return call.func.value, *call.args, *(word.value for word in call.keywords)
    if name in ("md", "joined", "Markdown"):  # the template or the separator is ours; the values are escaped by them
        return call.args[:1]
    return () if name in FIT_CALLS | known.functions else None


def _is_table(node: ast.expr) -> bool:
    """Whether the sentence is looked up in a table of our own: ``LABELS[name]``, ``words.CONFIDENCES[key]``."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return last_name(node).isupper()


def _is_fit_name(name: str, scope: Scope, known: Known) -> bool:
    """Whether everything ever put under ``name``, in the innermost function that knows it, is fit."""
    for place in scope:
        if isinstance(place, ast.FunctionDef | ast.Lambda):
            arguments = (*place.args.posonlyargs, *place.args.args, *place.args.kwonlyargs)
            for argument in arguments:
                if argument.arg == name:
                    return _is_checked(argument.annotation) or _is_number(argument.annotation)
        values = list(_values(name, place))
        if values:
            return all(value is not None and _is_fit(value, scope, known) for value in values)
    return False


def _values(name: str, place: ast.AST) -> Iterator[ast.expr | None]:
    """What is assigned to ``name`` in ``place``; None for what a loop puts there."""
    for node in ast.walk(place):
        match node:
            case ast.Assign():
                for target in node.targets:
                    yield from _assigned(name, target, node.value)
            case ast.AugAssign(target=ast.Name(id=found)) if found == name:
                yield node.value
            case ast.AnnAssign(target=ast.Name(id=found)) if found == name:
                yield ast.Constant("") if _is_checked(node.annotation) else node.value
            case ast.For() | ast.comprehension() if name in _names(node.target):
                yield None


def _assigned(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr | None]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _assigned(name, one, its)
    elif name in _names(target):
        yield value if isinstance(target, ast.Name) else None


def _names(target: ast.expr) -> Iterable[str]:
    return {one.id for one in ast.walk(target) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
