"""Tokens to a syntax tree, by recursive descent; the method's name is the rule's name in the grammar."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from analytics_engine.kpi.formula.syntax import Call, Literal, Modified, Node, Operation, Path
from analytics_engine.kpi.formula.tokens import Span, Token, TokenKind, formula_error, tokenize

_COMPARISONS = {"=": "equal", "!=": "not_equal", "<": "less", "<=": "less_or_equal", ">": "greater",
                ">=": "greater_or_equal"}  # fmt: skip
_ADDITIVE = {"+": "add", "-": "subtract"}
_MULTIPLICATIVE = {"*": "multiply", "/": "divide", "%": "modulo"}
_DEEPEST = 60


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
        via = self._path("via").parts if self._keyword("via") else ()
        if self._next.kind is TokenKind.KEYWORD and self._next.text in {"by", "filter", "via"}:
            raise formula_error(
                f"{self._next.text!r} stands too late.", self._next.span, remedy="The order is: by, filter, via."
            )
        if by is None and where is None and not via:
            return base
        return Modified(base, by, where, via, span=base.span)

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
                self._advance()
                exact = token.text.isdigit()
                return Literal(int(token.text) if exact else Decimal(token.text), span=token.span)
            case TokenKind.STRING:
                self._advance()
                return Literal(token.text, span=token.span)
            case TokenKind.KEYWORD:
                return self._keyword_primary(token)
            case TokenKind.NAME | TokenKind.QUOTED_NAME:
                return self._name()
            case _:
                raise self._surprise("a value, a name or a function")

    def _keyword_primary(self, token: Token) -> Node:
        if self._keyword("true", "false"):
            return Literal(token.text == "true", span=token.span)
        if self._keyword("null"):
            return Literal(None, span=token.span)
        if self._keyword("case"):
            return self._case(token.span)
        if self._keyword("date", "timestamp"):
            return self._moment(token)
        raise self._surprise("a value, a name or a function")

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
        try:
            value = date.fromisoformat(token.text) if kind.text == "date" else datetime.fromisoformat(token.text)
        except ValueError as error:
            raise formula_error(f"{token.text!r} is not a {kind.text} in ISO 8601.", token.span) from error
        if isinstance(value, datetime) and value.tzinfo is None:
            raise formula_error(
                f"{token.text!r} names no instant.", token.span, remedy="Add the offset, such as +00:00."
            )
        return Literal(value, span=kind.span)

    def _name(self) -> Node:
        path = self._path("a name")
        if len(path.parts) == 1 and self._symbol("("):
            distinct = self._keyword("distinct") is not None
            arguments = () if self._symbol(")") else self._list(f"the arguments of {path.parts[0]}")
            return Call(path.parts[0].lower(), tuple(arguments), distinct, span=path.span)
        return path

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
