"""Customer accounts, opportunities and products of the sales service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Table, and_, bindparam, func, select

from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.lists import Order, Page, ordering, page_of
from parley.store.query import Insert, Query, one_of, padded, reader, select_where, update_where, where
from parley.store.tables import opportunities, products, sales_accounts


class CustomerAccount(msgspec.Struct, frozen=True):
    """A customer; `external_id` and `external_system` name it in the system that it comes from."""

    site_id: int
    account_id: int
    owner_id: int
    name: str
    name_key: str
    external_id: str | None = None
    external_system: int | None = None
    parent_id: int | None = None
    version: int = 1


class Opportunity(msgspec.Struct, frozen=True):
    """What may be sold to a customer."""

    site_id: int
    opportunity_id: int
    owner_id: int
    account_id: int | None
    name: str
    name_key: str
    external_id: str | None = None
    external_system: int | None = None
    version: int = 1


class Product(msgspec.Struct, frozen=True):
    """Something that the site sells."""

    site_id: int
    product_id: int
    name: str
    name_key: str
    description: str = ""
    version: int = 1


class OfAccount(NamedTuple):
    """An opportunity, and what its customer is called in the system that it comes from."""

    opportunity: Opportunity
    external_account: str | None


_read_account = reader(CustomerAccount, sales_accounts.c)
_read_opportunity = reader(Opportunity, opportunities.c)
_read_product = reader(Product, products.c)


class _Writes:
    """The statements that write one of these tables."""

    def __init__(self, table: Table, key: str) -> None:
        self.insert = Insert(table)
        self.changing = [column.name for column in table.c if column.name not in ("site_id", key)]
        self.key = key
        self.update = update_where(table, self.changing, table.c.site_id, table.c[key], table.c.version)
        self.count = select_where([func.count()], table.c.site_id)


_TABLES: Final[dict[type[Any], _Writes]] = {
    CustomerAccount: _Writes(sales_accounts, "account_id"),
    Opportunity: _Writes(opportunities, "opportunity_id"),
    Product: _Writes(products, "product_id"),
}

Record = CustomerAccount | Opportunity | Product


def create(changes: Changes, *new: Record) -> None:
    """Add records of one kind; Duplicate when a number is taken."""
    changes.insert(_TABLES[type(new[0])].insert, [msgspec.structs.astuple(each) for each in new])


def update(changes: Changes, before: Record, after: Record) -> None:
    """Replace a record that is still as in `before`; Conflict otherwise."""
    writes = _TABLES[type(before)]
    stored = msgspec.structs.replace(after, version=before.version + 1)
    values = [getattr(stored, name) for name in writes.changing]
    changes.add(writes.update, *values, before.site_id, getattr(before, writes.key), before.version, expect=1)


async def count(engine: Engine, site_id: int, kind: type[Record]) -> int:
    """How many records of a kind the site has."""
    return int((await engine.all(_TABLES[kind].count, site_id))[0][0])


# ---- reading ---------------------------------------------------------------------------------------------

_ACCOUNT_FILTERS: Final = ("account_id", "owner_id", "external_id", "external_system")
_WITH_ACCOUNT = opportunities.outerjoin(
    sales_accounts,
    and_(
        sales_accounts.c.site_id == opportunities.c.site_id, sales_accounts.c.account_id == opportunities.c.account_id
    ),
)
_OPPORTUNITY_FILTERS: Final = {
    "opportunity_id": opportunities.c.opportunity_id,
    "account_id": opportunities.c.account_id,
    "owner_id": opportunities.c.owner_id,
    "external_id": opportunities.c.external_id,
    "external_system": opportunities.c.external_system,
    "external_account": sales_accounts.c.external_id,
}


@lru_cache
def _accounts_query(names: tuple[str, ...]) -> Query:
    keys = [sales_accounts.c[name] for name in names]
    order = [sales_accounts.c.name_key, sales_accounts.c.account_id]
    return select_where(list(sales_accounts.c), sales_accounts.c.site_id, *keys, order=order)


async def accounts(engine: Engine, site_id: int, **wanted: object) -> list[CustomerAccount]:
    """The customers of a site by name, those that have all the values that are not None.

    Args:
        wanted: account_id, owner_id, external_id, external_system.
    """
    given = _given(wanted, _ACCOUNT_FILTERS)
    rows = await engine.all(_accounts_query(tuple(given)), site_id, *given.values(), scan=True)
    return [_read_account(row) for row in rows]


async def account(engine: Engine, site_id: int, account_id: int) -> CustomerAccount | None:
    """The customer with this number."""
    found = await accounts(engine, site_id, account_id=account_id)
    return found[0] if found else None


@lru_cache
def _opportunities_query(names: tuple[str, ...]) -> Query:
    columns = {name: _OPPORTUNITY_FILTERS[name] for name in names}
    conditions = [column == bindparam(name, type_=column.type) for name, column in columns.items()]
    statement = (
        select(*opportunities.c, sales_accounts.c.external_id)
        .select_from(_WITH_ACCOUNT)
        .where(*where(opportunities.c.site_id), *conditions)
        .order_by(opportunities.c.name_key, opportunities.c.opportunity_id)
    )
    return Query(statement, "key_site_id", *names)


async def opportunities_of(engine: Engine, site_id: int, **wanted: object) -> list[OfAccount]:
    """The opportunities of a site by name, those that have all the values that are not None.

    Args:
        wanted: opportunity_id, account_id, owner_id, external_id, external_system, external_account (the external
            number of the customer).
    """
    given = _given(wanted, _OPPORTUNITY_FILTERS)
    rows = await engine.all(_opportunities_query(tuple(given)), site_id, *given.values(), scan=True)
    return [OfAccount(_read_opportunity(row[:-1]), row[-1]) for row in rows]


async def opportunity(engine: Engine, site_id: int, opportunity_id: int) -> Opportunity | None:
    """The opportunity with this number."""
    found = await opportunities_of(engine, site_id, opportunity_id=opportunity_id)
    return found[0].opportunity if found else None


def _given(wanted: Mapping[str, object], known: Iterable[str]) -> dict[str, object]:
    """The values that are not None, by name in one order; KeyError for a name that is not known."""
    names = {name: place for place, name in enumerate(known)}
    given = {name: value for name, value in wanted.items() if value is not None}
    return dict(sorted(given.items(), key=lambda pair: names[pair[0]]))


_PRODUCT_ORDERS: Final = {
    "PRODID": products.c.product_id,
    "NAME": products.c.name_key,
    "DESCRIPTION": products.c.description,
}
PRODUCT_ORDERS = tuple(_PRODUCT_ORDERS)


@lru_cache
def _products_query(by_name: bool, size: int, order: tuple[Order, ...], counted: bool) -> Query:
    conditions, names = where(products.c.site_id), ["key_site_id"]
    if by_name:
        conditions += where(products.c.name_key)
        names.append("key_name_key")
    if size:
        condition, some = one_of(products.c.product_id, "value", size)
        conditions.append(condition)
        names += some
    if counted:
        return Query(select(func.count()).select_from(products).where(*conditions), *names)
    statement = select(*products.c).where(*conditions)
    keys = ordering(order, _PRODUCT_ORDERS, products.c.product_id)
    return Query(page_of(statement.order_by(*keys)), *names, "maximum", "skip")


async def products_of(
    engine: Engine,
    site_id: int,
    *,
    name_key: str | None = None,
    product_ids: Sequence[int] = (),
    order: Sequence[Order] = (Order("NAME"),),
    start_from: int = 1,
    maximum: int = 500,
) -> Page[Product]:
    """One page of the site's products, and how many the whole list has.

    Args:
        name_key: the casefolded name; None for any.
        product_ids: numbers of products; empty for all.
        order: fields of PRODUCT_ORDERS.
        start_from: counts from 1.
    """
    numbers = padded(list(dict.fromkeys(product_ids))) if product_ids else ()
    values = [site_id, *([name_key] if name_key is not None else []), *numbers]
    shape = (name_key is not None, len(numbers), tuple(order))
    skip = min(start_from - 1, 1 << 40)
    rows = await engine.all(_products_query(*shape, False), *values, maximum, skip, scan=True)
    total = int((await engine.all(_products_query(*shape, True), *values, scan=True))[0][0])
    return Page([_read_product(row) for row in rows], total)
