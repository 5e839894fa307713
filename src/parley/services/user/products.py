"""The products that a user knows about: numbers in requests and in what is kept, with their names in GetUser.

Sources: use:salesCenterType and use:salesCenterInstanceType of the contract; facts say nothing of unknown products.
"""

from __future__ import annotations

from typing import Final

import msgspec

from parley.contract import user_settings as settings
from parley.services.context import Context
from parley.store import sales

#: Products that are looked up in one read.
_AT_ONCE: Final = 256

ProductNames = tuple[tuple[int, str], ...]


async def product_names(context: Context, center: settings.SalesCenterInstanceType | None) -> ProductNames:
    """Number and present name of the products of an account that the site knows, by number; nothing is read for none.

    Args:
        center: salesCenter of the account as it is kept.
    """
    numbers = sorted({each.prod_id for each in _products(center) if each.prod_id is not None})
    found: list[tuple[int, str]] = []
    for start in range(0, len(numbers), _AT_ONCE):
        page = await sales.products_of(
            context.engine,
            context.site.site.site_id,
            product_ids=numbers[start : start + _AT_ONCE],
            order=(),
            maximum=_AT_ONCE,
        )
        found += [(each.product_id, each.name) for each in page.rows]
    return tuple(sorted(found))


def named_products(
    center: settings.SalesCenterInstanceType | None, names: ProductNames
) -> settings.SalesCenterInstanceType | None:
    """salesCenter with the names of its products; one that the site does not know has its number for a name.

    Args:
        center: as for `product_names`.
        names: from `product_names`.
    """
    if center is None or center.sme_info is None or not _products(center):
        return center
    known = dict(names)
    named = [msgspec.structs.replace(each, name=known.get(each.prod_id or 0, each.name)) for each in _products(center)]
    products = settings.SalesProductsInstanceType(product=named)
    return msgspec.structs.replace(center, sme_info=msgspec.structs.replace(center.sme_info, products=products))


def _products(
    center: settings.SalesCenterInstanceType | None,
) -> list[settings.SalesProductsInstanceTypeProduct]:
    info = center.sme_info if center else None
    return info.products.product if info and info.products else []
