"""What is carried from period to period: draws to recover, pay held above a cap, pay deferred."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from perfkit._core import integers
from perfkit._core.checks import instance, optional_text, text, truth
from perfkit._core.columns import Need, Rows
from perfkit._core.integers import AnyIntColumn, IntColumn
from perfkit._core.notebook import definition
from perfkit._core.numbers import Number, exact
from perfkit._core.ratios import Ratios
from perfkit._incentives import views
from perfkit._incentives.factors import as_amount, fitting, read_amount, settle
from perfkit._incentives.steps import limit_needs, read_limit
from perfkit.errors import DataError, DefinitionError, row_list
from perfkit.explain import SILENT, AnyRecorder
from perfkit.money import CENT, Money, Rounding, minor_per_major

Balances = Mapping[str, IntColumn]


def _keys(keys: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(key) for key in keys)


def _accounts(accounts: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    pairs = accounts.items() if isinstance(accounts, Mapping) else accounts
    return tuple((str(name), _balances(balances)) for name, balances in pairs)


def _balances(balances: Sequence[Any]) -> tuple[int, ...]:
    # Most accounts of a large ledger are those of the ledger before it, which need no second look.
    if type(balances) is tuple and set(map(type, balances)) <= {int}:
        return balances
    return tuple(_balance(balance, "accounts") for balance in balances)


def _entries(entries: Mapping[str, int] | Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    return tuple((str(name), _balance(minor, "entries")) for name, minor in pairs)


def _balance(value: Any, path: str) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise DefinitionError(f"a balance must be a whole count of minor units (got {value!r})", path=path)
    return int(value)


def account_name(value: Any) -> str:
    """A name for an account of what is owed, which is none of a deduction's own."""
    name = text(value)
    if name.endswith(".imposed"):
        raise DefinitionError(
            f"a name must not end with '.imposed' (got {name!r}): what is owed there is a deduction's, and taken only "
            "within its limits",
            path="name",
        )
    return name


def _is_account(name: str, kind: str) -> bool:
    """Whether an account is of a kind: ``draw.owed``, ``cap.held``, ``deferral.held.2``."""
    return re.search(rf"\.{kind}(\.\d+)?$", name) is not None


def _runs_out(name: str) -> bool:
    """Whether an account is of one last day only, so that it is not kept when nobody has anything in it."""
    return re.search(r"@[^@]*\d{4}-\d\d-\d\d\.owed$", name) is not None


@frozen(repr=False)
class Ledger:
    """The balances of people between two periods: what they owe, and what is held for them.

    An account that ends in ``.taken`` is neither: it says how much of a limit a period has used up, or how much a
    deduction has taken in all. One that ends in ``.paid`` has 1 for whom a plan has paid for a period.

    A plan takes one and gives the next; nothing is changed in place. Whatever is earned is paid, held or was owed:
    over any number of periods, paid + held - owed = earned.

    Args:
        currency: a code of ISO 4217.
        keys: who, each once, such as employee numbers.
        accounts: for each account, such as ``draw.owed`` or ``cap.held``, the minor units of each person.
        entries: what was entered before and must not be entered twice, such as the incidents of a deduction and the
            awards of a recovery, with the minor units of each.

    Raises:
        DefinitionError: for keys, accounts or entries that repeat, negative balances, or accounts of another length.

    Example:
        >>> ledger = Ledger("EUR")
        >>> ledger.owed("ana"), ledger.held("ana")
        (Money('0.00 EUR'), Money('0.00 EUR'))
    """

    currency: str
    keys: tuple[str, ...] = field(default=(), converter=_keys)
    accounts: tuple[tuple[str, tuple[int, ...]], ...] = field(default=(), converter=_accounts)
    entries: tuple[tuple[str, int], ...] = field(default=(), converter=_entries)

    def __attrs_post_init__(self) -> None:
        minor_per_major(self.currency)
        if len(set(self.keys)) < len(self.keys):
            twice = Counter(self.keys).most_common(1)[0][0]
            raise DefinitionError(f"keys of a ledger must differ (got {twice!r} twice)", path="keys")
        for name, balances in self.accounts:
            if not any(_is_account(name, kind) for kind in ("owed", "held", "taken", "paid")):
                raise DefinitionError(
                    f"an account ends in .owed, .held, .taken or .paid (got {name!r})", path="accounts"
                )
            if min(balances, default=0) < 0:
                raise DefinitionError(
                    f"balances of {name!r} must not be negative (got {min(balances)})", path="accounts"
                )
            if len(balances) != len(self.keys):
                raise DefinitionError(
                    f"account {name!r} must have a balance for each of {len(self.keys)} keys (got {len(balances)})",
                    path="accounts",
                )

        names = [name for name, _ in self.accounts]
        if len(set(names)) < len(names):
            raise DefinitionError(f"accounts of a ledger must differ (got {names})", path="accounts")
        entered: set[str] = set()
        for name, minor in self.entries:
            if name in entered or minor < 0:
                seen = f"{name!r} twice" if name in entered else f"{minor} for {name!r}"
                raise DefinitionError(
                    f"entries of a ledger must differ, and none must be negative (got {seen})", path="entries"
                )
            entered.add(name)

    def balance(self, key: str, account: str) -> Money:
        """The balance of one person in one account; nothing where there is none."""
        minor = dict(self.accounts).get(account)
        known = str(key) in self.keys and minor is not None
        return Money.from_minor(minor[self.keys.index(str(key))] if known and minor else 0, self.currency)

    def owed(self, key: str) -> Money:
        """What a person owes in all."""
        return self._sum(key, "owed")

    def held(self, key: str) -> Money:
        """What is held for a person in all."""
        return self._sum(key, "held")

    @property
    def total_owed(self) -> Money:
        """What everybody owes."""
        return self._total("owed")

    @property
    def total_held(self) -> Money:
        """What is held for everybody."""
        return self._total("held")

    def _sum(self, key: str, kind: str) -> Money:
        return sum(
            (self.balance(key, name) for name, _ in self.accounts if _is_account(name, kind)), Money(0, self.currency)
        )

    def _total(self, kind: str) -> Money:
        return Money.from_minor(
            sum(sum(held) for name, held in self.accounts if _is_account(name, kind)), self.currency
        )

    def columns(self, keys: Sequence[str], accounts: Sequence[str]) -> dict[str, IntColumn]:
        """The balances of some people as columns, nothing for those who are not in it.

        Raises:
            DataError: for a balance that does not fit int64.
        """
        places = {key: place for place, key in enumerate(self.keys)}
        known = dict(self.accounts)
        rows = [places.get(key, -1) for key in keys]
        found = {}
        for name in accounts:
            column = np.empty(len(rows), dtype=object)
            balances = known.get(name)
            column[:] = [balances[row] if row >= 0 and balances is not None else 0 for row in rows]
            found[name] = fitting(column, self.currency)
        return found

    def updated(self, keys: Sequence[str], balances: Balances) -> Ledger:
        """The ledger with new balances for some people; everyone else's stay."""
        places = {key: place for place, key in enumerate(dict.fromkeys([*self.keys, *keys]))}
        more = (0,) * (len(places) - len(self.keys))
        accounts = {name: before + more if more else before for name, before in self.accounts}
        rows = [places[key] for key in keys]
        for name, column in balances.items():
            after = list(accounts.get(name, (0,) * len(places)))
            for row, balance in zip(rows, column.tolist(), strict=True):
                after[row] = balance
            accounts[name] = tuple(after)
        kept = {name: after for name, after in accounts.items() if any(after) or not _runs_out(name)}
        return Ledger(self.currency, tuple(places), kept, self.entries)

    def entered(self, entries: Mapping[str, int]) -> Ledger:
        """The ledger with further entries; one of a name that it has takes its place."""
        return evolve(self, entries={**dict(self.entries), **entries}) if entries else self

    def __repr__(self) -> str:
        return f"<Ledger of {len(self.keys):,} people: {self.total_held} held, {self.total_owed} owed>"

    def _repr_html_(self) -> str:
        return views.ledger_html(self)


def _optional_share(value: Number | None) -> Fraction | None:
    return None if value is None else _share(value)


def _share(value: Number) -> Fraction:
    share = exact(value, what="a share")
    if not 0 <= share <= 1:
        raise DefinitionError(f"a share must be between 0 and 1 (got {value!r})")
    return share


@frozen
class Draw:
    """A payment in advance: whoever earns less than the draw gets the draw.

    A recoverable draw is owed and taken from later pay that is above the draw; paid is never less than the draw. One
    that is not recoverable is a guarantee, and counts as earned.

    Args:
        amount: of the draw, as typed or a column of money.
        recoverable: whether it is owed.
        recover_at_most: the share of a period's earnings that may go into recovery.
        name: on the statement and in the ledger.

    Example:
        >>> Draw(1_000).accounts()
        ('draw.owed',)
    """

    _repr_html_ = definition

    amount: Fraction | str = field(converter=as_amount)
    recoverable: bool = field(default=True, converter=truth)
    recover_at_most: Fraction | None = field(default=None, converter=_optional_share, kw_only=True)
    name: str = field(default="draw", converter=account_name, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.amount, Fraction) and self.amount < 0:
            raise DefinitionError(f"a draw must not be negative (got {self.amount})", path="amount")

    def accounts(self) -> tuple[str, ...]:
        """The accounts that it keeps."""
        return (f"{self.name}.owed",) if self.recoverable else ()

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        return limit_needs(self.amount, None)

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of what was earned, and the new balances."""
        draw = settle(read_amount(self.amount, rows, currency, SILENT, "draw"), CENT, currency, SILENT)
        if isinstance(self.amount, str):
            rows.require(draw >= 0, self.amount, "must not be negative", "a draw is paid, not taken")
        short = _sum(currency, draw, integers.multiply(earned, -1))
        advanced = np.maximum(short, 0)
        if record:
            record.says("draw", draw=Money.from_minor(int(draw[0]), currency))
        if not self.recoverable:
            return np.maximum(earned, draw), {}
        owed = balances[f"{self.name}.owed"]
        repaid = np.minimum(owed, np.maximum(_sum(currency, earned, integers.multiply(draw, -1)), 0))
        if self.recover_at_most is not None:
            whole = Ratios(np.maximum(earned, 0), 1).times(self.recover_at_most)
            repaid = np.minimum(repaid, integers.divide(whole.numerator, whole.denominator, "floor"))
        moved = advanced - repaid
        after = _sum(currency, owed, moved)
        if record:
            record.says(
                owed=Money.from_minor(int(owed[0]), currency), owed_after=Money.from_minor(int(after[0]), currency)
            )
        return _sum(currency, earned, moved), {f"{self.name}.owed": after}


@frozen
class RefundableCap:
    """A cap whose excess is not lost: it is held and paid in later periods that are below the cap.

    Args:
        limit: as typed or a column of money; with ``of``, a share.
        of: the column of money that the limit is a share of.
        name: on the statement and in the ledger.
        rounding: of the limit.

    Example:
        >>> RefundableCap(5_000).accounts()
        ('cap.held',)
    """

    _repr_html_ = definition

    limit: Fraction | str = field(converter=as_amount)
    of: str | None = field(default=None, converter=optional_text)
    name: str = field(default="cap", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def accounts(self) -> tuple[str, ...]:
        """The account that it keeps."""
        return (f"{self.name}.held",)

    def needs(self) -> tuple[Need, ...]:
        """The columns that it reads."""
        return limit_needs(self.limit, self.of)

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of what was earned and held, and the new balance."""
        limit = read_limit(self.limit, self.of, rows, currency, self.rounding)
        held = balances[f"{self.name}.held"]
        due = _sum(currency, earned, held)
        paid = np.minimum(due, np.maximum(limit, 0))
        after = due - paid
        if record:
            record.says(
                "held",
                limit=Money.from_minor(int(limit[0]), currency),
                held=Money.from_minor(int(held[0]), currency),
                held_after=Money.from_minor(int(after[0]), currency),
            )
        return paid, {f"{self.name}.held": after}


def _periods(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise DefinitionError(f"over must be a number of periods from 1 on (got {value!r})", path="over")
    return int(value)


@frozen
class Deferral:
    """A part of each award that is held and paid in equal parts over the following periods.

    Args:
        share: of the award that is deferred, 0 to 1.
        over: in how many following periods it is paid; what does not divide goes to the earlier ones.
        name: on the statement and in the ledger.

    Example:
        >>> Deferral(0.4, over=3).accounts()
        ('deferral.held.1', 'deferral.held.2', 'deferral.held.3')
    """

    _repr_html_ = definition

    share: Fraction = field(converter=_share)
    over: int = field(converter=_periods)
    name: str = field(default="deferral", converter=text, kw_only=True)
    rounding: Rounding = field(default=CENT, validator=instance(Rounding), kw_only=True)

    def accounts(self) -> tuple[str, ...]:
        """The accounts that it keeps: what is due in the next period, in the one after that, and so on."""
        return tuple(f"{self.name}.held.{position}" for position in range(1, self.over + 1))

    def needs(self) -> tuple[Need, ...]:
        """Nothing."""
        return ()

    def carry(
        self, earned: IntColumn, balances: Balances, rows: Rows, currency: str, record: AnyRecorder
    ) -> tuple[IntColumn, dict[str, IntColumn]]:
        """What is paid of what was earned and is due, and the new balances."""
        award = Ratios(np.maximum(earned, 0), minor_per_major(currency))
        rounded = settle(award.times(self.share), self.rounding, currency, SILENT)
        # Rounding up must not defer more than there is.
        deferred = np.minimum(rounded, np.maximum(earned, 0))
        tranches = [balances[name] for name in self.accounts()]
        due = tranches[0]
        after = {}
        for position, (name, later) in enumerate(zip(self.accounts(), [*tranches[1:], None], strict=True)):
            portion = integers.add(deferred, self.over - 1 - position) // self.over
            after[name] = _sum(currency, portion) if later is None else _sum(currency, later, portion)
        if record:
            record.says(
                "deferral",
                deferred=Money.from_minor(int(deferred[0]), currency),
                due=Money.from_minor(int(due[0]), currency),
                held_after=Money.from_minor(sum(int(column[0]) for column in after.values()), currency),
            )
        return _sum(currency, earned - deferred, due), after


def _sum(currency: str, *columns: AnyIntColumn) -> IntColumn:
    """The sum of columns of minor units, which must fit."""
    return fitting(reduce(integers.add, columns), currency)


def checked_keys(keys: Sequence[Any]) -> list[str]:
    """The keys of a batch, each once.

    Raises:
        DataError: for keys that repeat.
    """
    absent = [row for row, key in enumerate(keys) if key is None]
    if absent:
        raise DataError(f"a row must say who it is for: {row_list(absent, len(absent))}; fill the key", rows=absent)
    names = [str(key) for key in keys]
    first = {name: row for row, name in reversed(list(enumerate(names)))}
    rows = [row for row, name in enumerate(names) if first[name] != row]
    if rows:
        raise DataError(
            f"a person must have one row in a period (got {names[rows[0]]!r} again in row {rows[0]}); add up first",
            rows=rows,
        )
    return names


def check_ledger(ledger: Any) -> None:
    """Refuse what is no ledger.

    Raises:
        DataError: for anything else, None above all.
    """
    if not isinstance(ledger, Ledger):
        raise DataError(
            f"the balances so far must be a Ledger (got {ledger!r}); where there are none, give Ledger() of the "
            "currency, such as Ledger('EUR')"
        )
