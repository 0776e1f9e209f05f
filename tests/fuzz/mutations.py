"""Formulas, slightly broken: bytes and words deleted, doubled, swapped and put in where they do not belong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from fuzz.corpus import INJECTIONS, NUMBERS, SQL_WORDS, TOKENS, UNICODE

_WORDS = re.compile(r"\s+|\w+|'[^']*'|.", re.DOTALL)
_BYTES = "".join(map(chr, range(256)))
_LONG = 20_000


def broken_bytes(text: str, random: Random) -> str:
    """Return a text with one to eight characters deleted, doubled, swapped, replaced or put in."""
    characters = list(text)
    for _ in range(random.randint(1, 8)):
        place = random.randrange(len(characters) + 1)
        match random.randrange(5):
            case 0:
                del characters[place : place + random.randint(1, 4)]
            case 1:
                characters[place:place] = characters[place : place + random.randint(1, 12)]
            case 2:
                other = random.randrange(len(characters) + 1)
                first, second = sorted((place, other))
                characters[first:second] = reversed(characters[first:second])
            case 3:
                characters[place : place + 1] = random.choice(_BYTES)
            case _:
                characters[place:place] = random.choice((*UNICODE, random.choice(_BYTES)))
    return "".join(characters)


def broken_words(text: str, random: Random) -> str:
    """Return a text with one to four words deleted, doubled, swapped, replaced or put in."""
    words = _WORDS.findall(text)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(words) + 1)
        match random.randrange(5):
            case 0:
                del words[place : place + 1]
            case 1:
                words[place:place] = words[place : place + random.randint(1, 5)]
            case 2 if words:
                other = random.randrange(len(words))
                place = min(place, len(words) - 1)
                words[place], words[other] = words[other], words[place]
            case 3:
                words[place : place + 1] = [random.choice(TOKENS)]
            case _:
                words[place:place] = [" ", random.choice((*TOKENS, *SQL_WORDS, *NUMBERS[:20])), " "]
    return "".join(words)


def soup(random: Random) -> str:
    """Return tokens in no order."""
    joiner = random.choice(("", " ", " ", "  ", "\n"))
    return joiner.join(random.choice(TOKENS) for _ in range(random.randint(1, 40)))


def poisoned(text: str, random: Random) -> str:
    """Return a text with an injection inside: as it is, as a text, or as a name."""
    harm = random.choice((*INJECTIONS, *UNICODE))
    quote = random.choice(("", "'", '"'))
    harm = f"{quote}{harm.replace(quote, quote * 2) if quote and random.random() < 0.7 else harm}{quote}"
    words = _WORDS.findall(text)
    place = random.randrange(len(words) + 1)
    words[place : place + random.randint(0, 1)] = [harm]
    return "".join(words)


_Large = Callable[[int], str]
_LARGE: Sequence[_Large] = (
    lambda n: "(" * n + "ORDERS" + ")" * n,
    lambda n: "- " * n + "ORDERS",
    lambda n: f"count(order) filter (where {'not ' * n}order.cancelled)",
    lambda n: "+".join(["ORDERS"] * n),
    lambda n: "+".join(f"sum(order.weight*{number})" for number in range(n)),
    lambda n: f"sum({'+'.join(['order.weight'] * n)})",
    lambda n: _grouped([f"sum(order.weight*{number})" for number in range(n)]),
    lambda n: _grouped([f"count(order) filter (where order.weight>{number})" for number in range(n)]),
    lambda n: _grouped([f"sum(last(order.weight*{number} per order.customer_id))" for number in range(n)]),
    lambda n: f"count(order) filter (where {' or '.join(['order.cancelled'] * n)})",
    lambda n: f"count(order) filter (where order.weight in ({','.join(map(str, range(n)))}))",
    lambda n: f"count(order) filter (where order.order_id in ({','.join(repr(str(k)) for k in range(n))}))",
    lambda n: f"sum(case {'when order.cancelled then 1 ' * n}end)",
    lambda n: "case when ORDERS>1 then " * n + "1" + " end" * n,
    lambda n: f"coalesce({','.join(['ORDERS'] * n)})",
    lambda n: f"greatest({','.join(f'{k}' for k in range(n))},ORDERS)",
    lambda n: "abs(" * n + "ORDERS" + ")" * n,
    lambda n: f"sum({'ln(' * n}order.weight/order.weight{')' * n})",
    lambda n: f"sum({'greatest(1,' * n}order.distance/order.distance{')' * n})",
    lambda n: f"sum({'power(2,' * n}order.distance/order.distance{')' * n})",
    lambda n: "growth(" * n + "ORDERS" + ",1 month)" * n,
    lambda n: "share_of_total(" * n + "ORDERS" + ")" * n,
    lambda n: "previous(" * n + "ORDERS" + ",1 month)" * n,
    lambda n: "time_avg(" * n + "BALANCE" + ")" * n,
    lambda n: "rank(" * n + "ORDERS" + ")" * n,
    lambda n: "(" * n + "ORDERS" + ") filter (where order.cancelled)" * n,
    lambda n: f"converted(visit{', purchase on customer_id within 7 days' * n})",
    lambda n: f"count(order) filter (where {'any(order.lines,' * n}quantity>1{')' * n})",
    lambda n: f"count(order) filter (where {'any(order.lines,any(order,' * n}true{'))' * n})",
    lambda n: ".".join(["order"] * n),
    lambda n: f"sum({'.'.join(['order_line', *['order'] * n, 'weight'])})",
    lambda n: "a" * n,
    lambda n: '"' * n,
    lambda n: "'" * n,
    lambda n: f"'{'a' * n}'",
    lambda n: f'"{"b" * n}"',
    lambda n: "1" * n,
    lambda n: f"0.{'1' * n}*ORDERS",
    lambda n: f"ORDERS*1e{'9' * n}",
    lambda n: f"previous(ORDERS, {'9' * n} days)",
    lambda n: " " * n + "ORDERS",
    lambda n: "\n" * n + "ORDERS +",
    lambda n: "case " * n,
    lambda n: "filter (where " * n,
    lambda n: f"count(order{' having count(order) > 1' * n})",
    lambda n: f"last(order.weight{' per order.customer_id' * n})",
    lambda n: f"any(order on {' and '.join(['customer_id'] * n)})",
    lambda n: f"count(order) filter (where any(visit on {' and '.join(['customer_id'] * n)}))",
)


def large(random: Random) -> str:
    """Return a formula that is deep, long or wide, and no longer than a formula may be by much."""
    shape = random.choice(_LARGE)
    size = random.choice((2, 5, 12, 30, 59, 60, 61, 99, 101, 300, 1_000, 4_000, 21_000))
    return shape(size)[: random.choice((_LONG, _LONG, _LONG, _LONG + 1))]


def _grouped(parts: list[str]) -> str:
    """Return a sum whose parts stand in parentheses, so that it is wide and not deep."""
    while len(parts) > 1:
        parts = [f"({'+'.join(parts[at : at + 20])})" for at in range(0, len(parts), 20)]
    return "".join(parts)
