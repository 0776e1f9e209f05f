"""Tokens to a syntax tree, by recursive descent; the method's name is the rule's name in the grammar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from analytics_engine.kpi.formula.syntax import (
    Call,
    Collection,
    DurationLiteral,
    Literal,
    Modified,
    Node,
    Operation,
    Parameter,
    Path,
    PeriodEdge,
    children,
)
from analytics_engine.kpi.formula.tokens import (
    SOFT_KEYWORDS,
    Span,
    Token,
    TokenKind,
    formula_error,
    number_of,
    tokenize,
)
from analytics_engine.kpi.model.frames import UNITS, Duration, Edge

_COMPARISONS = {"=": "equal", "!=": "not_equal", "<": "less", "<=": "less_or_equal", ">": "greater",
                ">=": "greater_or_equal"}  # fmt: skip
_ADDITIVE = {"+": "add", "-": "subtract"}
_MULTIPLICATIVE = {"*": "multiply", "/": "divide", "%": "modulo"}
_DEEPEST = 60
"""How often parentheses, functions and the like may stand inside each other."""
_MOST_LEVELS = 100
"""How deep the tree may be; each operator of a chain is a level of its own."""
_LONGEST = 100_000
"""The greatest number of units in one length of time."""


def parse(text: str) -> Node:
    """Return the syntax tree of a formula or a condition.

    Raises:
        FormulaError: the text does not follow the grammar; the error names the place and what was expected.
    """
    return _Parser(text).formula()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokenize(text)
        self._at = 0
        self._depth = 0

    # --- tokens ------------------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _at_end(self) -> bool:
        return self._next.kind is TokenKind.END

    def _advance(self) -> Token:
        token = self._next
        if token.kind is not TokenKind.END:
            self._at += 1
        return token

    def _takes(self, kind: TokenKind, *texts: str) -> Token | None:
        """Consume the next token when it is one of these."""
        if self._next.kind is kind and self._next.text in texts:
            return self._advance()
        return None

    def _keyword(self, *texts: str) -> Token | None:
        return self._takes(TokenKind.KEYWORD, *texts)

    def _symbol(self, *texts: str) -> Token | None:
        return self._takes(TokenKind.SYMBOL, *texts)

    def _word(self, *texts: str) -> Token | None:
        """Consume the next token when it is one of these soft keywords."""
        if self._next.kind is TokenKind.NAME and self._next.text.lower() in texts:
            return self._advance()
        return None

    def _expect(self, kind: TokenKind, text: str, *, after: str) -> Token:
        token = self._takes(kind, text)
        if token is None:
            raise self._surprise(f"{text!r} {after}")
        return token

    def _surprise(self, expected: str) -> Exception:
        token = self._next
        found = token.kind.value if token.kind is TokenKind.END else repr(token.text)
        return formula_error(f"Expected {expected}, found {found}.", token.span)

    # --- rules, from the loosest binding to the tightest ---------------------------------------------------

    def formula(self) -> Node:
        if self._at_end():
            raise formula_error("The formula is empty.", self._next.span, remedy="Write one, such as count(order).")
        tree = self._expression()
        if not self._at_end():
            raise self._surprise("an operator or the end of the formula")
        _check_depth(tree)
        return tree

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise formula_error(
                f"The formula is nested more than {_DEEPEST} levels deep.",
                self._next.span,
                remedy="Give parts of it codes as KPIs of their own.",
            )
        tree = self._disjunction()
        self._depth -= 1
        return tree

    def _disjunction(self) -> Node:
        tree = self._conjunction()
        while self._keyword("or"):
            tree = Operation("or", (tree, self._conjunction()), span=tree.span)
        return tree

    def _conjunction(self) -> Node:
        tree = self._negation()
        while self._keyword("and"):
            tree = Operation("and", (tree, self._negation()), span=tree.span)
        return tree

    def _negation(self) -> Node:
        negations: list[Span] = []
        while token := self._keyword("not"):
            negations.append(token.span)
        tree = self._comparison()
        for span in reversed(negations):
            tree = Operation("not", (tree,), span=span)
        return tree

    def _comparison(self) -> Node:
        left = self._additive()
        if operator := self._symbol(*_COMPARISONS):
            right = self._additive()
            if self._next.kind is TokenKind.SYMBOL and self._next.text in _COMPARISONS:
                raise formula_error("Comparisons do not chain.", self._next.span, remedy="Join two of them with and.")
            return Operation(_COMPARISONS[operator.text], (left, right), span=left.span)
        if self._keyword("is"):
            negated = self._keyword("not") is not None
            self._expect(TokenKind.KEYWORD, "null", after="after is")
            return Operation("is_not_null" if negated else "is_null", (left,), span=left.span)
        return self._membership(left)

    def _membership(self, left: Node) -> Node:
        negated = self._keyword("not")
        if self._keyword("in"):
            self._expect(TokenKind.SYMBOL, "(", after="after in")
            members = self._list("the list")
            tree: Node = Operation("in", (left, *members), span=left.span)
        elif self._keyword("between"):
            low = self._additive()
            self._expect(TokenKind.KEYWORD, "and", after="between the two bounds")
            tree = Operation("between", (left, low, self._additive()), span=left.span)
        elif negated is not None:
            raise self._surprise("in or between after not")
        else:
            return left
        return Operation("not", (tree,), span=left.span) if negated else tree

    def _additive(self) -> Node:
        tree = self._multiplicative()
        while operator := self._symbol(*_ADDITIVE):
            tree = Operation(_ADDITIVE[operator.text], (tree, self._multiplicative()), span=operator.span)
        return tree

    def _multiplicative(self) -> Node:
        tree = self._unary()
        while operator := self._symbol(*_MULTIPLICATIVE):
            tree = Operation(_MULTIPLICATIVE[operator.text], (tree, self._unary()), span=operator.span)
        return tree

    def _unary(self) -> Node:
        signs: list[Token] = []
        while sign := self._symbol("-", "+"):
            signs.append(sign)
        tree = self._postfix()
        for sign in reversed(signs):
            if sign.text == "-":
                tree = Operation("negate", (tree,), span=sign.span)
        return tree

    def _postfix(self) -> Node:
        base = self._primary()
        by = self._path("by") if self._keyword("by") else None
        where = self._filter() if self._keyword("filter") else None
        at = self._edge() if self._word("at") else None
        via = self._path("via").parts if self._keyword("via") else ()
        token = self._next
        if token.text.lower() in {"by", "filter", "at", "via"} and token.kind in {TokenKind.KEYWORD, TokenKind.NAME}:
            raise formula_error(
                f"{token.text!r} stands too late.", token.span, remedy="The order is: by, filter, at, via."
            )
        if by is None and where is None and at is None and not via:
            return base
        return Modified(base, by, where, at, via, span=base.span)

    def _edge(self) -> Edge:
        if self._word("start"):
            return Edge.START
        if self._keyword("end"):
            return Edge.END
        raise self._surprise("start or end after at")

    def _filter(self) -> Node:
        self._expect(TokenKind.SYMBOL, "(", after="after filter")
        self._expect(TokenKind.KEYWORD, "where", after="inside filter (...)")
        condition = self._expression()
        self._expect(TokenKind.SYMBOL, ")", after="to close filter (where ...)")
        return condition

    def _primary(self) -> Node:
        token = self._next
        if self._symbol("("):
            tree = self._expression()
            self._expect(TokenKind.SYMBOL, ")", after="to close the parenthesis")
            return tree
        match token.kind:
            case TokenKind.NUMBER:
                return self._number()
            case TokenKind.STRING:
                self._advance()
                return Literal(token.text, span=token.span)
            case TokenKind.KEYWORD:
                return self._keyword_primary(token)
            case TokenKind.NAME | TokenKind.QUOTED_NAME:
                return self._name()
            case TokenKind.SYMBOL if self._symbol(":"):
                return Parameter(self._part("the colon"), span=token.span)
            case _:
                raise self._surprise("a value, a name or a function")

    def _number(self) -> Node:
        token = self._advance()
        unit = self._next
        if unit.kind is TokenKind.NAME and unit.text.lower() not in SOFT_KEYWORDS:
            return DurationLiteral(self._duration(token), span=token.span)
        named = self._advance().text if unit.kind is TokenKind.QUOTED_NAME else ""
        return Literal(number_of(token), named, span=token.span)

    def _duration(self, count: Token) -> Duration:
        """Read the unit behind a number: ``28 days``; the plural is understood."""
        unit = self._part("the number").lower()
        number = number_of(count)
        if not isinstance(number, int) or not 0 < number <= _LONGEST:
            raise formula_error(
                f"A length of time is a whole number from 1 to {_LONGEST:,} of units, not {number} {unit}.", count.span
            )
        return Duration(number, UNITS.get(unit) or (unit.removesuffix("s") if number > 1 else unit) or unit)

    def _keyword_primary(self, token: Token) -> Node:
        if self._keyword("true", "false"):
            return Literal(token.text == "true", span=token.span)
        if self._keyword("null"):
            return Literal(None, span=token.span)
        if self._keyword("case"):
            return self._case(token.span)
        if self._keyword("date", "timestamp"):
            return self._moment(token)
        if self._keyword("end"):
            return self._enclosing(Edge.END, token.span)
        raise self._surprise("a value, a name or a function")

    def _enclosing(self, edge: Edge, span: Span) -> Node:
        if not self._word("of"):
            raise self._surprise("of after end")
        return PeriodEdge(edge, self._part("of").lower(), span=span)

    def _case(self, span: Span) -> Node:
        operands: list[Node] = []
        while self._keyword("when"):
            operands.append(self._expression())
            self._expect(TokenKind.KEYWORD, "then", after="after the condition of when")
            operands.append(self._expression())
        if not operands:
            raise self._surprise("when after case")
        if self._keyword("else"):
            operands.append(self._expression())
        self._expect(TokenKind.KEYWORD, "end", after="to close case")
        return Operation("case", tuple(operands), span=span)

    def _moment(self, kind: Token) -> Node:
        token = self._advance()
        if token.kind is not TokenKind.STRING:
            raise formula_error(f"Expected a quoted {kind.text}.", token.span)
        return Literal(_date(token) if kind.text == "date" else _instant(token), span=kind.span)

    def _name(self) -> Node:
        path = self._path("a name")
        if len(path.parts) == 1 and path.parts[0].lower() == "start" and self._next.text.lower() == "of":
            return self._enclosing(Edge.START, path.span)
        if len(path.parts) == 1 and self._symbol("("):
            return self._call(path)
        return path

    def _call(self, path: Path) -> Node:
        name = path.parts[0]
        distinct = self._keyword("distinct") is not None
        arguments: list[Node] = []
        if not distinct and self._symbol(")"):
            return Call(name.lower(), (), span=path.span)
        arguments.append(self._argument())
        while self._symbol(","):
            arguments.append(self._argument())
        per = tuple(self._several("per")) if self._word("per") else ()
        having = self._expression() if self._word("having") else None
        self._expect(TokenKind.SYMBOL, ")", after=f"to close the arguments of {name}")
        return Call(name.lower(), tuple(arguments), distinct, per, having, span=path.span)

    def _several(self, after: str) -> Iterator[Path]:
        yield self._path(after)
        while self._symbol(","):
            yield self._path(after)

    def _argument(self) -> Node:
        tree = self._expression()
        if isinstance(tree, Path) and self._next.text.lower() in {"on", "within", "matching"}:
            return self._collection(tree)
        return tree

    def _collection(self, path: Path) -> Node:
        on = tuple(self._pairs("on")) if self._word("on") else ()
        within = self._window() if self._word("within") else None
        matching = tuple(self._pairs("matching")) if self._word("matching") else ()
        at = self._edge() if self._word("at") else None
        return Collection(path, on, within, matching, at, span=path.span)

    def _window(self) -> Duration:
        token = self._advance()
        if token.kind is not TokenKind.NUMBER:
            raise formula_error("Expected a length of time after within, such as 7 days.", token.span)
        return self._duration(token)

    def _pairs(self, after: str) -> Iterator[tuple[str, str]]:
        yield self._pair(after)
        while self._keyword("and"):
            yield self._pair("and")

    def _pair(self, after: str) -> tuple[str, str]:
        here = self._part(after)
        return here, self._part("the equals sign") if self._symbol("=") else here

    def _path(self, after: str) -> Path:
        span = self._next.span
        parts = [self._part(after)]
        while self._symbol("."):
            parts.append(self._part("the dot"))
        return Path(tuple(parts), span=span)

    def _part(self, after: str) -> str:
        if self._next.kind not in {TokenKind.NAME, TokenKind.QUOTED_NAME}:
            if self._next.kind is TokenKind.KEYWORD:
                raise formula_error(
                    f"{self._next.text!r} is a reserved word.",
                    self._next.span,
                    remedy=f'Quote it to use it as a name: "{self._next.text}".',
                )
            raise self._surprise(f"a name after {after}")
        return self._advance().text

    def _list(self, of: str) -> list[Node]:
        members = [self._expression()]
        while self._symbol(","):
            members.append(self._expression())
        self._expect(TokenKind.SYMBOL, ")", after=f"to close {of}")
        return members


def _check_depth(tree: Node) -> None:
    """Refuse a tree of more levels than what goes through it can follow; the error names where they are too many."""
    if tree.depth <= _MOST_LEVELS:
        return
    here = tree
    while here.depth > 1 and tree.depth - here.depth < _MOST_LEVELS:
        here = max(children(here), key=lambda part: part.depth)
    raise formula_error(
        f"The formula has more than {_MOST_LEVELS} levels; each operator of a chain is one.",
        here.span,
        remedy="Group a long chain with parentheses, (a + b) + (c + d); write a list of values with in.",
    )


def _date(token: Token) -> date:
    try:
        return date.fromisoformat(token.text)
    except ValueError as error:
        raise formula_error(
            f"{token.text!r} is not a date in ISO 8601.", token.span, remedy="Write it as date '2026-01-31'."
        ) from error


def _instant(token: Token) -> datetime:
    """Read a timestamp; one that is in no year from 1 to 9999 of UTC is none."""
    try:
        value = datetime.fromisoformat(token.text)
        if value.tzinfo is not None:
            value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise formula_error(
            f"{token.text!r} is not a timestamp in ISO 8601.",
            token.span,
            remedy="Write it as timestamp '2026-01-31T12:00:00+00:00'.",
        ) from error
    if value.tzinfo is None:
        raise formula_error(f"{token.text!r} names no instant.", token.span, remedy="Add the offset, such as +00:00.")
    return value
