"""LstProducts, AddProducts and SetProducts.

Source: facts/training-history.md 3 (the contract of level 5.9 is all that is known).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from parley.contract.sales import (
    AddProducts,
    AddProductsResponse,
    LstProducts,
    LstProductsResponse,
    ProductInstanceType,
    ProductType,
    SetProducts,
    SetProductsResponse,
)
from parley.domain.identifiers import new_record_id
from parley.protocol import faults
from parley.services import lists
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sales.access import check_user
from parley.services.sales.customers import check_room
from parley.services.values import given
from parley.store import Changes, sales
from parley.store.lists import Order
from parley.store.sales import Product

#: Products in one request.
MOST_AT_ONCE: Final = 500


@operation("sales", request=LstProducts, answer=LstProductsResponse)
async def lst_products(context: Context, request: LstProducts) -> LstProductsResponse:
    """List the site's products, by name unless another order is asked for."""
    await check_user(context)
    _check_number(request.prod_id)
    sent, page, name = request.order, lists.page(request.list_control), given(request.name)
    order = lists.ordering(sent.order_by, sent.order_ad, "NAME") if sent else [("NAME", False)]
    found = await sales.products_of(
        context.engine,
        context.site.site.site_id,
        name_key=name.strip().casefold() if name else None,
        product_ids=request.prod_id,
        order=[Order(key, descending) for key, descending in order],
        start_from=page.first,
        maximum=page.size,
    )
    return LstProductsResponse(
        matching_records=page.matching(found.total, len(found.rows)),
        product=[
            ProductInstanceType(name=each.name, description=each.description, prod_id=each.product_id)
            for each in found.rows
        ],
    )


@operation("sales", request=AddProducts, answer=AddProductsResponse)
async def add_products(context: Context, request: AddProducts) -> AddProductsResponse:
    """Add products to those of the site, all or none; the answer has their numbers in the order of the request."""
    await check_user(context)
    _check_number(request.product)
    await check_room(context, Product, len(request.product), "product")
    made = []
    for each in request.product:
        name = given(each.name)
        if name is None:
            raise faults.MISSING_ELEMENT(path="product/name")
        made.append(
            Product(
                site_id=context.site.site.site_id,
                product_id=new_record_id(),
                name=name,
                name_key=name.strip().casefold(),
                description=each.description or "",
            )
        )
    if not made:
        raise faults.MISSING_ELEMENT(path="product")
    changes = Changes()
    sales.create(changes, *made)
    await context.engine.commit(changes)
    return AddProductsResponse(prod_id=[each.product_id for each in made])


@operation("sales", request=SetProducts, answer=SetProductsResponse)
async def set_products(context: Context, request: SetProducts) -> SetProductsResponse:
    """Change products of the site, all or none; what is not sent stays, an empty description clears it."""
    await check_user(context)
    _check_number(request.product)
    if not request.product:
        raise faults.MISSING_ELEMENT(path="product")
    numbers = [each.prod_id for each in request.product if each.prod_id is not None]
    if len(numbers) < len(request.product):
        raise faults.MISSING_ELEMENT(path="product/prodID")
    found = await sales.products_of(
        context.engine, context.site.site.site_id, product_ids=numbers, maximum=MOST_AT_ONCE
    )
    present = {each.product_id: each for each in found.rows}
    wanted: dict[int, Product] = {}
    for number, each in zip(numbers, request.product, strict=True):
        if number not in present:
            raise faults.INVALID_VALUE(path="product/prodID", problem=f"there is no product {number}")
        wanted[number] = _laid_over(wanted.get(number, present[number]), each)
    changes = Changes()
    for number, after in wanted.items():
        sales.update(changes, present[number], after)
    await context.engine.commit(changes)
    return SetProductsResponse(prod_id=numbers)


def _laid_over(before: Product, sent: ProductType) -> Product:
    name = given(sent.name) or before.name
    description = before.description if sent.description is None else sent.description
    return msgspec.structs.replace(before, name=name, name_key=name.strip().casefold(), description=description)


def _check_number(sent: Sequence[object]) -> None:
    if len(sent) > MOST_AT_ONCE:
        raise faults.INVALID_VALUE(path="product", problem=f"at most {MOST_AT_ONCE} are allowed in one request")
