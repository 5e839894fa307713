"""CreateAccount, SetAccount, LstAccounts; CreateOpportunity, SetOpportunity, LstOpportunities.

Customers and opportunities mostly come from another system, which is why they have numbers of that as well.
Source: facts/training-history.md 3 (the contract of level 5.9 is all that is known).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from parley.contract.sales import (
    AccountInstanceType,
    AccountType,
    CreateAccount,
    CreateAccountResponse,
    CreateOpportunity,
    CreateOpportunityResponse,
    LstAccounts,
    LstAccountsResponse,
    LstOpportunities,
    LstOpportunitiesResponse,
    LstOpportunitiesResponseOpportunity,
    OpptySummaryType,
    OpptyType,
    SetAccount,
    SetAccountResponse,
    SetOpportunity,
    SetOpportunityResponse,
)
from parley.domain.identifiers import new_record_id
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.sales.access import check_owner, check_user, named_user, owner
from parley.services.values import given
from parley.store import Changes, sales
from parley.store.sales import CustomerAccount, OfAccount, Opportunity

Owned = TypeVar("Owned", CustomerAccount, Opportunity)

#: Records of a kind on one site: the lists have no pages, so this bounds their answers.
MOST: Final = 20_000


async def check_room(context: Context, kind: type[sales.Record], more: int, path: str) -> None:
    """Refuse more records of a kind than a site may have.

    Raises:
        Fault: 999999.
    """
    if await sales.count(context.engine, context.site.site.site_id, kind) + more > MOST:
        raise faults.INVALID_VALUE(path=path, problem=f"a site has at most {MOST}")


def _key(name: str) -> str:
    """The form of a record's name that lists are sorted by."""
    return name.strip().casefold()


async def _create(context: Context, made: CustomerAccount | Opportunity) -> None:
    changes = Changes()
    sales.create(changes, made)
    await context.engine.commit(changes)


async def _change(context: Context, before: Owned, after: Owned, heir: str | None) -> None:
    """Write a changed record.

    Args:
        heir: webExID of whom it belongs to from now on, if another.
    """
    named = await named_user(context, heir)
    if named is not None:
        after = msgspec.structs.replace(after, owner_id=named.user_id)
    changes = Changes()
    sales.update(changes, before, after)
    await context.engine.commit(changes)


# --- accounts --------------------------------------------------------------------------------------------------------


@operation("sales", request=CreateAccount, answer=CreateAccountResponse)
async def create_account(context: Context, request: CreateAccount) -> CreateAccountResponse:
    """Make a customer account of the caller's, or as administrator of any user's."""
    await check_user(context)
    sent = request.account
    name = given(sent.name) if sent else None
    if sent is None or name is None:
        raise faults.MISSING_ELEMENT(path="account/name")
    await check_room(context, CustomerAccount, 1, "account")
    blank = CustomerAccount(
        site_id=context.site.site.site_id,
        account_id=new_record_id(),
        owner_id=await owner(context, request.web_ex_id),
        name=name,
        name_key=_key(name),
    )
    made = await _laid_over(context, blank, sent)
    await _create(context, made)
    return CreateAccountResponse(int_account_id=made.account_id)


@operation("sales", request=SetAccount, answer=SetAccountResponse)
async def set_account(context: Context, request: SetAccount) -> SetAccountResponse:
    """Change a customer account: the owner, or an administrator; what is not sent stays, webExID names a new owner."""
    await check_user(context)
    sent = request.account
    if sent is None or sent.int_account_id is None:
        raise faults.MISSING_ELEMENT(path="account/intAccountID")
    before = await _account(context, sent.int_account_id, "account/intAccountID")
    check_owner(context, before.owner_id)
    await _change(context, before, await _laid_over(context, before, sent), request.web_ex_id)
    return SetAccountResponse(int_account_id=before.account_id)


async def _laid_over(context: Context, before: CustomerAccount, sent: AccountType) -> CustomerAccount:
    """An account with what is sent of it: an empty number in the other system clears it, 0 as parent means none."""
    name = given(sent.name) or before.name
    parent = before.parent_id if sent.parent_int_id is None else sent.parent_int_id or None
    if parent is not None and parent != before.parent_id:
        if parent == before.account_id:
            raise faults.INVALID_VALUE(path="account/parentIntID", problem="an account is not its own parent")
        await _account(context, parent, "account/parentIntID")
    return msgspec.structs.replace(
        before,
        name=name,
        name_key=_key(name),
        external_id=before.external_id if sent.ext_account_id is None else given(sent.ext_account_id),
        external_system=before.external_system if sent.ext_system_id is None else sent.ext_system_id,
        parent_id=parent,
    )


async def _account(context: Context, account_id: int, path: str) -> CustomerAccount:
    found = await sales.account(context.engine, context.site.site.site_id, account_id)
    if found is None:
        raise faults.INVALID_VALUE(path=path, problem=f"there is no account {account_id}")
    return found


@operation("sales", request=LstAccounts, answer=LstAccountsResponse)
async def lst_accounts(context: Context, request: LstAccounts) -> LstAccountsResponse:
    """List the site's customer accounts by name, with returnOppty their opportunities too."""
    await check_user(context)
    user = await named_user(context, request.web_ex_id)
    site_id = context.site.site.site_id
    found = await sales.accounts(
        context.engine,
        site_id,
        owner_id=user.user_id if user else None,
        account_id=request.int_account_id,
        external_id=given(request.ext_account_id),
        external_system=request.ext_system_id,
    )
    if not found:
        raise faults.NOTHING_FOUND()
    open_ones = _by_account(await sales.opportunities_of(context.engine, site_id)) if request.return_oppty else {}
    return LstAccountsResponse(
        account=[
            AccountInstanceType(
                name=each.name,
                ext_account_id=each.external_id,
                ext_system_id=each.external_system,
                parent_int_id=each.parent_id,
                int_account_id=each.account_id,
                opportunity=open_ones.get(each.account_id, []),
            )
            for each in found
        ]
    )


def _by_account(found: Iterable[OfAccount]) -> dict[int, list[OpptySummaryType]]:
    """Opportunities by the number of their customer."""
    grouped: dict[int, list[OpptySummaryType]] = {}
    for each, _ in found:
        if each.account_id is not None:
            grouped.setdefault(each.account_id, []).append(
                OpptySummaryType(name=each.name, int_oppty_id=each.opportunity_id, ext_oppty_id=each.external_id)
            )
    return grouped


# --- opportunities ---------------------------------------------------------------------------------------------------


@operation("sales", request=CreateOpportunity, answer=CreateOpportunityResponse)
async def create_opportunity(context: Context, request: CreateOpportunity) -> CreateOpportunityResponse:
    """Make an opportunity of the caller's, or as administrator of any user's."""
    await check_user(context)
    sent = request.opportunity
    name = given(sent.name) if sent else None
    if sent is None or name is None:
        raise faults.MISSING_ELEMENT(path="opportunity/name")
    await check_room(context, Opportunity, 1, "opportunity")
    blank = Opportunity(
        site_id=context.site.site.site_id,
        opportunity_id=new_record_id(),
        owner_id=await owner(context, request.web_ex_id),
        account_id=None,
        name=name,
        name_key=_key(name),
    )
    made = await _opportunity_laid_over(context, blank, sent)
    await _create(context, made)
    return CreateOpportunityResponse(int_oppty_id=made.opportunity_id)


@operation("sales", request=SetOpportunity, answer=SetOpportunityResponse)
async def set_opportunity(context: Context, request: SetOpportunity) -> SetOpportunityResponse:
    """Change an opportunity: the owner, or an administrator; what is not sent stays, webExID names a new owner."""
    await check_user(context)
    sent = request.opportunity
    if sent is None or sent.int_oppty_id is None:
        raise faults.MISSING_ELEMENT(path="opportunity/intOpptyID")
    before = await sales.opportunity(context.engine, context.site.site.site_id, sent.int_oppty_id)
    if before is None:
        raise faults.INVALID_VALUE(
            path="opportunity/intOpptyID", problem=f"there is no opportunity {sent.int_oppty_id}"
        )
    check_owner(context, before.owner_id)
    await _change(context, before, await _opportunity_laid_over(context, before, sent), request.web_ex_id)
    return SetOpportunityResponse(int_oppty_id=before.opportunity_id)


async def _opportunity_laid_over(context: Context, before: Opportunity, sent: OpptyType) -> Opportunity:
    """An opportunity with what is sent of it; 0 as account means none."""
    name = given(sent.name) or before.name
    account_id = before.account_id if sent.int_account_id is None else sent.int_account_id or None
    if account_id is not None and account_id != before.account_id:
        await _account(context, account_id, "opportunity/intAccountID")
    return msgspec.structs.replace(
        before,
        name=name,
        name_key=_key(name),
        account_id=account_id,
        external_id=before.external_id if sent.ext_oppty_id is None else given(sent.ext_oppty_id),
        external_system=before.external_system if sent.ext_system_id is None else sent.ext_system_id,
    )


@operation("sales", request=LstOpportunities, answer=LstOpportunitiesResponse)
async def lst_opportunities(context: Context, request: LstOpportunities) -> LstOpportunitiesResponse:
    """List the site's opportunities by name."""
    await check_user(context)
    user = await named_user(context, request.web_ex_id)
    found = await sales.opportunities_of(
        context.engine,
        context.site.site.site_id,
        owner_id=user.user_id if user else None,
        account_id=request.int_account_id,
        opportunity_id=request.int_oppty_id,
        external_id=given(request.ext_oppty_id),
        external_system=request.ext_system_id,
        external_account=given(request.ext_account_id),
    )
    if not found:
        raise faults.NOTHING_FOUND()
    return LstOpportunitiesResponse(
        opportunity=[
            LstOpportunitiesResponseOpportunity(
                name=each.name,
                int_account_id=each.account_id,
                ext_oppty_id=each.external_id,
                ext_system_id=each.external_system,
                int_oppty_id=each.opportunity_id,
                ext_account_id=external,
            )
            for each, external in found
        ]
    )
