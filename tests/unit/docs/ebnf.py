"""A grammar in EBNF, as the reference has it: its rules, random sentences of it, and whether a text is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from analytics_engine.kpi.formula.tokens import Token, TokenKind, tokenize

_SYMBOL = re.compile(r"\s*(?:(\"[^\"]+\"|'[^']+')|([A-Za-z_][A-Za-z0-9_]*)|([=;,|\[\]{}()]))")


@dataclass(frozen=True)
class Word:
    """A terminal, as written between quotes."""

    text: str


@dataclass(frozen=True)
class Rule:
    name: str


@dataclass(frozen=True)
class Joined:
    parts: tuple[Form, ...]


@dataclass(frozen=True)
class Choice:
    parts: tuple[Form, ...]


@dataclass(frozen=True)
class Repeated:
    """Any number of times, or at most once."""

    part: Form
    once: bool


Form = Word | Rule | Joined | Choice | Repeated


def read_grammar(text: str) -> dict[str, Form]:
    """Return the rules of a grammar by their names, in their order."""
    return dict(_Reader(text).rules())


class _Reader:
    def __init__(self, text: str) -> None:
        self._symbols = [match for match in _SYMBOL.finditer(text.strip()) if match[0].strip()]
        self._at = 0

    @property
    def _next(self) -> str:
        return self._symbols[self._at][0].strip() if self._at < len(self._symbols) else ""

    def _take(self, wanted: str = "") -> str:
        found = self._next
        assert not wanted or found == wanted, f"{wanted} is wanted, not {found}"
        self._at += 1
        return found

    def rules(self) -> Iterator[tuple[str, Form]]:
        while self._next:
            name = self._take()
            self._take("=")
            yield name, self._choice()
            self._take(";")

    def _choice(self) -> Form:
        parts = [self._sequence()]
        while self._next == "|":
            self._take()
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _sequence(self) -> Form:
        parts = [self._factor()]
        while self._next == ",":
            self._take()
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _factor(self) -> Form:
        taken = self._take()
        match taken:
            case "(":
                form = self._choice()
                self._take(")")
            case "[":
                form = Repeated(self._choice(), once=True)
                self._take("]")
            case "{":
                form = Repeated(self._choice(), once=False)
                self._take("}")
            case _ if taken[0] in "'\"":
                form = Word(taken[1:-1])
            case _:
                form = Rule(taken)
        return form


def words_of(rules: Mapping[str, Form]) -> set[str]:
    """Return every terminal of a grammar."""
    return {form.text for rule in rules.values() for form in _forms(rule) if isinstance(form, Word)}


def names_of(rules: Mapping[str, Form]) -> set[str]:
    """Return the name of every rule that a grammar refers to."""
    return {form.name for rule in rules.values() for form in _forms(rule) if isinstance(form, Rule)}


def _forms(form: Form) -> Iterator[Form]:
    yield form
    match form:
        case Joined(parts) | Choice(parts):
            for part in parts:
                yield from _forms(part)
        case Repeated(part=part):
            yield from _forms(part)
        case _:
            pass


class Writer:
    """Writes random sentences of a grammar; a rule among ``leaves`` becomes one of the texts given for it."""

    def __init__(self, rules: Mapping[str, Form], random: Random, leaves: Mapping[str, Sequence[str]]) -> None:
        self._rules = rules
        self._random = random
        self._leaves = leaves
        self._lengths = _least_lengths(rules, leaves)
        self._left = 0

    def sentence(self, start: str, words: int) -> str:
        """Return a sentence that is brought to its end after about so many words."""
        self._left = words
        return " ".join(self._words(Rule(start)))

    def _words(self, form: Form) -> Iterator[str]:
        match form:
            case Word(text):
                self._left -= 1
                yield text
            case Rule(name) if name in self._leaves:
                self._left -= 1
                yield self._random.choice(self._leaves[name])
            case Rule(name):
                yield from self._words(self._rules[name])
            case Joined(parts):
                for part in parts:
                    yield from self._words(part)
            case Choice(parts):
                yield from self._words(self._random.choice(parts) if self._left > 0 else min(parts, key=self._least))
            case Repeated(part=part, once=once):
                for _ in range(self._random.choice((0, 0, 1) if once else (0, 0, 1, 2)) if self._left > 0 else 0):
                    yield from self._words(part)

    def _least(self, form: Form) -> int:
        return _least(form, self._lengths)


def _least_lengths(rules: Mapping[str, Form], leaves: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return how many words the shortest sentence of each rule has."""
    lengths = dict.fromkeys(rules, _ENDLESS) | dict.fromkeys(leaves, 1)
    while True:
        shorter = lengths | {name: _least(rule, lengths) for name, rule in rules.items() if name not in leaves}
        if shorter == lengths:
            return lengths
        lengths = shorter


_ENDLESS = 1_000_000


def _least(form: Form, lengths: Mapping[str, int]) -> int:
    match form:
        case Word():
            return 1
        case Rule(name):
            return lengths[name]
        case Joined(parts):
            return min(_ENDLESS, sum(_least(part, lengths) for part in parts))
        case Choice(parts):
            return min(_least(part, lengths) for part in parts)
        case Repeated():
            return 0


_KINDS = {
    "word": TokenKind.NAME,
    "quoted": TokenKind.QUOTED_NAME,
    "string": TokenKind.STRING,
    "numeral": TokenKind.NUMBER,
}


def is_sentence(rules: Mapping[str, Form], text: str, start: str) -> bool:
    """Return whether a text that can be cut into tokens is a sentence of the grammar, read in any way it allows."""
    reader = _Recogniser(rules, tokenize(text)[:-1])
    return reader.length in reader.ends(Rule(start), 0)


class _Recogniser:
    def __init__(self, rules: Mapping[str, Form], tokens: Sequence[Token]) -> None:
        self._rules = rules
        self._tokens = tokens
        self._known: dict[tuple[Form, int], frozenset[int]] = {}

    @property
    def length(self) -> int:
        return len(self._tokens)

    def ends(self, form: Form, position: int) -> frozenset[int]:
        """Return every place at which a form may end that begins at a place."""
        key = (form, position)
        if key not in self._known:
            self._known[key] = frozenset(self._ends(form, position))
        return self._known[key]

    def _ends(self, form: Form, position: int) -> set[int]:
        match form:
            case Rule(name) if name not in _KINDS:
                return set(self.ends(self._rules[name], position))
            case Rule() | Word():
                fits = position < self.length and _is(self._tokens[position], form)
                return {position + 1} if fits else set()
            case Choice(parts):
                return {end for part in parts for end in self.ends(part, position)}
            case Joined(parts):
                places = {position}
                for part in parts:
                    places = {end for place in places for end in self.ends(part, place)}
                return places
            case Repeated(part=part, once=once):
                found, places = {position}, {position}
                while places:
                    places = {end for place in places for end in self.ends(part, place)} - found
                    found |= places
                    if once:
                        break
                return found


def _is(token: Token, form: Rule | Word) -> bool:
    if isinstance(form, Rule):
        return token.kind is _KINDS[form.name]
    written = token.kind in {TokenKind.KEYWORD, TokenKind.NAME, TokenKind.SYMBOL}
    return written and token.text.lower() == ("!=" if form.text == "<>" else form.text)
