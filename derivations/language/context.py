"""What LaTeX leaves unsaid, gathered from the whole cell: which letters are indices, what is known.

``W_h`` is a name and ``h_t`` a time because of how the other equations use ``h`` and ``t``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from derivations.language import raw
from derivations.language.cell_names import MOST_CELLS, index_names, known_names
from derivations.language.tree import (
    Call,
    CellSource,
    Node,
    Number,
    Relation,
    children,
    walk,
)
from derivations.same import Same


@dataclass(frozen=True, slots=True)
class Context:
    """Facts the resolution of one line rests on.

    ``known`` maps the names of a cell to their number of time indices; it is empty while the cell
    itself is being read. ``symbols`` are base names used as variables, without their labels;
    ``labels_above`` letters above the left side of an equation, which is no power.
    """

    indices: frozenset[str] = frozenset("t")
    known: Mapping[str, int] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    scalars: frozenset[str] = frozenset()
    timed: frozenset[str] = frozenset()
    timed_above: frozenset[str] = frozenset()
    labels_above: frozenset[str] = frozenset()

    def is_index(self, letter: str) -> bool:
        """``t``, a bound letter, a letter in ``h_{t-1}``, or the end ``T`` of such a letter."""
        if letter in self.indices:
            return True
        return letter not in self.symbols and letter.isupper() and letter.lower() in self.indices


def context_of(cell: CellSource | None) -> Context:
    """The context in which a query or a claim about ``cell`` is read."""
    return Context() if cell is None else _context(Same(cell))


# Every claim about a cell is read in the context of this very cell.
@lru_cache(maxsize=MOST_CELLS)
def _context(same: Same[CellSource]) -> Context:
    cell = same.value
    known = known_names(cell)
    bases = frozenset(name.split("_")[0] for name in known) | frozenset(known)
    scalars = frozenset(d.name for d in cell.declarations if d.shape == ("1", "1"))
    calls = [node for node in walk(cell) if isinstance(node, Call)]
    called = {call.function for call in calls} | {"ell"}
    defined = {function.name for function in cell.functions}
    functions = frozenset(defined | (called - bases))
    timed = {name for name, count in known.items() if count}
    timed |= {call.function for call in calls if call.indices} & functions
    if all(equation.target.name != "loss" for equation in cell.equations):
        timed.add("ell")  # a loss left out is a sum of ell[t](...)
    return Context(index_names(cell), known, functions, bases, scalars, frozenset(timed))


def gather(context: Context, lines: Iterable[Node]) -> Context:
    """``context`` with what the raw ``lines`` show about letters and symbols."""
    nodes = list(lines)
    symbols = set(context.symbols)
    functions = set(context.functions)
    for line in nodes:
        symbols |= set(_symbols(line))
        defined = defined_function(line)
        if defined is not None:
            functions.add(defined)
            symbols.discard(defined)
        functions |= set(_summed_losses(line))
    indices = set(context.indices)
    for line in nodes:
        for part in walk(line):
            indices |= set(_shown_indices(part, symbols))
    for line in nodes:
        if isinstance(line, Relation):
            indices |= _target_index(line, symbols)
    found = replace(
        context,
        symbols=frozenset(symbols),
        functions=frozenset(functions),
        indices=frozenset(indices),
    )
    timed, above = set(found.timed), set(found.timed_above)
    for line in nodes:
        for part in walk(line):
            if isinstance(part, raw.Scripted):
                name = base_name(part.base)
                scripts = [*part.subs, *(sup for sup in part.sups if _is_time_form(sup))]
                if any(_has_index(script, found) for script in scripts):
                    timed.add(name)
        target = line.left if isinstance(line, Relation) else None
        if isinstance(target, raw.Scripted) and len(target.sups) == 1:
            sup = target.sups[0]
            if isinstance(sup, raw.Symbol) and sup.name in indices and not sup.name.isupper():
                above.add(base_name(target.base))
    if above:  # in a cell that writes times above, inputs have theirs there too
        for line in nodes:
            for part in walk(line):
                if isinstance(part, raw.Scripted) and len(part.sups) == 1:
                    sup = part.sups[0]
                    if isinstance(sup, raw.Symbol) and sup.name == "t":
                        above.add(base_name(part.base))
    labels = {label for line in nodes for label in _labels_above(line)} - indices
    return replace(
        found,
        timed=frozenset(timed),
        timed_above=frozenset(above),
        labels_above=frozenset(labels if not context.known else ()),
    )


def _labels_above(line: Node) -> Iterator[str]:
    """The letter f of an equation of ``h^f_t``."""
    target = line.left if isinstance(line, Relation) else None
    if isinstance(target, raw.Scripted) and target.subs:
        for sup in target.sups:
            if isinstance(sup, raw.Symbol) and sup.kind == "letter" and sup.name != "T":
                yield sup.name


def base_name(node: Node) -> str:
    """The name of a symbol without its labels: ``W`` for ``W_{hh}``, ``yhat`` for ``\\hat{y}``."""
    suffix = ""
    while True:
        if isinstance(node, raw.Scripted):
            node = node.base
        elif isinstance(node, raw.Accented):
            suffix, node = node.suffix + suffix, node.body
        elif isinstance(node, raw.Group) and node.bracket == "{" and len(node.items) == 1:
            node = node.items[0]
        else:
            return node.name + suffix if isinstance(node, raw.Symbol) else ""


def is_argument(node: Node) -> bool:
    """Whether ``node``, right behind a symbol, may be the bracket of a call."""
    if isinstance(node, raw.Scripted):
        node = node.base
    return isinstance(node, raw.Group) and node.bracket == "("


def defined_function(line: Node) -> str | None:
    """The name that ``\\phi(u) = …`` defines, or ``None`` if the line defines no function."""
    if not isinstance(line, Relation) or not isinstance(line.left, raw.Juxtaposed):
        return None
    items = line.left.items
    if len(items) != 2 or not is_argument(items[1]):
        return None
    plain = all(isinstance(item, raw.Symbol) for item in children(items[1]))
    timed = raw.Symbol("t") in children(items[1])  # h(t) = … defines a variable
    return base_name(items[0]) if plain and not timed else None


def _summed_losses(line: Node) -> Iterator[str]:
    """``L`` of ``L = \\sum_t L_t(h_t)``: the loss of one step is a function, its sum a number."""
    if not isinstance(line, Relation) or not isinstance(line.left, raw.Symbol | raw.Accented):
        return
    name = base_name(line.left)
    for part in walk(line.right):
        if isinstance(part, raw.Juxtaposed):
            for item, follower in pairwise(part.items):
                if base_name(item) == name and is_argument(follower):
                    yield name


def _symbols(line: Node) -> Iterator[str]:
    """Base names that stand as variables: not in scripts, and not right before a bracket."""
    stack = [line]
    while stack:
        node = stack.pop()
        if isinstance(node, raw.Juxtaposed):
            for position, item in enumerate(node.items):
                follower = node.items[position + 1 : position + 2]
                called = follower and node.joins[position] == "" and is_argument(follower[0])
                if not (called and base_name(item)):
                    stack.append(item)
        elif isinstance(node, raw.Scripted | raw.Accented | raw.Symbol):
            name = base_name(node)
            if name:
                yield name
            elif not isinstance(node, raw.Symbol):
                stack.append(node.base if isinstance(node, raw.Scripted) else node.body)
        elif isinstance(node, raw.Big):
            stack.append(node.body)
        elif isinstance(node, raw.Case):
            stack.append(node.value)
        else:
            stack.extend(children(node))


def _letters(node: Node) -> set[str]:
    """The letters of ``node`` outside subscripts: of ``T_x - 1`` only ``T``."""
    found: set[str] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, raw.Symbol) and part.kind == "letter":
            found.add(part.name)
        stack.extend([part.base] if isinstance(part, raw.Scripted) else children(part))
    return found


def _is_time_form(sup: Node) -> bool:
    return isinstance(sup, raw.Angled) or (isinstance(sup, raw.Group) and sup.bracket == "(")


def _is_word(sup: Node) -> bool:
    """The label of ``W^{(hx)}``: letters in a row, or one capital, which is no end of time yet."""
    inner = children(sup)
    if len(inner) != 1:
        return False
    word = inner[0]
    if isinstance(word, raw.Juxtaposed):
        return all(isinstance(letter, raw.Symbol) for letter in word.items)
    return isinstance(word, raw.Symbol) and word.name.isupper()


def _shown_indices(part: Node, symbols: set[str]) -> set[str]:
    """Letters that ``part`` alone shows to be indices."""
    found: set[str] = set()
    if isinstance(part, raw.Scripted):
        found |= {n for sub in part.subs if isinstance(sub, raw.Chain) for n in _letters(sub)}
        for sup in part.sups:
            if _is_time_form(sup) and not _is_word(sup):
                found |= {name for name in _letters(sup) if len(name) == 1 or name == "tau"}
    elif isinstance(part, raw.Big):
        for bound in part.subs:
            inner = bound.items if isinstance(bound, raw.Bound) else (bound,)
            found |= set[str]().union(*(_letters(item) for item in inner))
        found |= {name for sup in part.sups for name in _letters(sup) if name not in symbols}
    elif isinstance(part, raw.Fraction2D):
        above, below = _varied(part.upper), _varied(part.lower)
        if above is not None and below is not None and base_name(above) == base_name(below):
            subs = (*above.subs, *below.subs)
            found |= {sub.name for sub in subs if isinstance(sub, raw.Symbol)} - symbols
    return found


def _varied(node: Node) -> raw.Scripted | None:
    """``h_T`` of ``\\partial h_T``."""
    while isinstance(node, raw.Group) and len(node.items) == 1:
        node = node.items[0]
    last = node.items[-1] if isinstance(node, raw.Juxtaposed) else node
    return last if isinstance(last, raw.Scripted) else None


def _target_index(line: Relation, symbols: set[str]) -> set[str]:
    """The letter below a target is an index if it stands below other symbols on the right."""
    target = line.left
    if not isinstance(target, raw.Scripted) or len(target.subs) != 1:
        return set()
    sub = target.subs[0]
    if not isinstance(sub, raw.Symbol) or (len(sub.name) > 1 and sub.name != "tau"):
        return set()
    if sub.name in symbols or sub.name.isupper():
        return set()
    for part in walk(line.right):
        if isinstance(part, raw.Scripted) and sub in part.subs:
            name = base_name(part.base)
            # Gates share their label with weights and biases only: \Gamma_u, W_u, b_u.
            if name and name != base_name(target) and name[0].islower() and name not in "bw":
                return {sub.name}
    return set()


def _has_index(script: Node, context: Context) -> bool:
    if isinstance(script, raw.Juxtaposed):
        return all(
            isinstance(item, raw.Symbol) and context.is_index(item.name) for item in script.items
        )
    if isinstance(script, raw.Symbol | Number):
        return isinstance(script, raw.Symbol) and context.is_index(script.name)
    return any(context.is_index(name) for name in _letters(script))
