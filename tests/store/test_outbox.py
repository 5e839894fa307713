"""The outbox: what is due, who has it, how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, outbox
from parley.store.outbox import Message
from tests.store.builders import new_site


async def put(engine: Engine, *messages: Message) -> None:
    changes = Changes()
    outbox.put(changes, messages)
    await engine.commit(changes)


async def test_messages_wait_in_order_until_they_are_sent(engine: Engine, host: User) -> None:
    site_id = host.site_id
    some = [
        Message(site_id, 3, "mail", 10_000_000_001, "a@x.org", '{"t":1}', created_at=5, due_at=5),
        Message(site_id, 1, "mail", created_at=6, due_at=6),
        Message(site_id, 2, "invite", created_at=6, due_at=6),
    ]
    changes = Changes()
    outbox.put(changes, some)
    outbox.put(changes, [])
    outbox.put(changes, [Message((await new_site(engine)).site_id, 3, "mail")])
    await engine.commit(changes)
    assert await outbox.waiting(engine, site_id) == some
    assert await outbox.waiting(engine, site_id, 2) == some[:2]
    for expected in (None, Conflict):
        changes = Changes()
        outbox.sent(changes, site_id, 1, 70)
        if expected is None:
            await engine.commit(changes)
        else:
            with pytest.raises(expected):
                await engine.commit(changes)
    assert await outbox.waiting(engine, site_id) == [some[0], some[2]]
    for before, error in ((69, Duplicate), (70, None)):
        changes = Changes()
        outbox.purge(changes, site_id, before)
        await engine.commit(changes)
        changes = Changes()
        outbox.put(changes, [Message(site_id, 1, "again")])
        if error is None:
            await engine.commit(changes)
        else:
            with pytest.raises(error):
                await engine.commit(changes)


async def test_a_message_is_due_at_its_time(engine: Engine, host: User) -> None:
    await put(
        engine,
        Message(host.site_id, 1, "reminder", created_at=5, due_at=100),
        Message(host.site_id, 2, "mail", created_at=50),
    )
    assert [each.outbox_id for each in await outbox.due(engine, host.site_id, 49)] == []
    assert [each.outbox_id for each in await outbox.due(engine, host.site_id, 50)] == [2]
    assert [each.outbox_id for each in await outbox.due(engine, host.site_id, 100)] == [2, 1]
    assert await outbox.due(engine, host.site_id + 1, 100) == []


async def test_of_many_takers_one_gets_a_message(engine: Engine, host: User) -> None:
    message = Message(host.site_id, 1, "mail", created_at=50)
    await put(engine, message)

    async def take(now: int) -> bool:
        changes = Changes()
        outbox.take(changes, message, now, now + 60)
        try:
            await engine.commit(changes)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(take(50) for _ in range(20)))) == 1
    assert await outbox.due(engine, host.site_id, 109) == []
    assert not await take(109)
    assert await take(110)  # its taker died
    (found,) = await outbox.waiting(engine, host.site_id)
    assert found.attempts == 2


async def test_a_message_is_tried_again_later_and_given_up(engine: Engine, host: User) -> None:
    message = Message(host.site_id, 1, "mail", created_at=50)
    await put(engine, message)
    changes = Changes()
    outbox.take(changes, message, 50, 110)
    await engine.commit(changes)
    changes = Changes()
    outbox.later(changes, message, 70, "450 busy")
    await engine.commit(changes)
    assert await outbox.due(engine, host.site_id, 69) == []
    (found,) = await outbox.due(engine, host.site_id, 70)
    assert (found.note, found.attempts, found.state) == ("450 busy", 1, "waiting")
    changes = Changes()
    outbox.give_up(changes, message, 80, "550 nobody here")
    await engine.commit(changes)
    assert await outbox.waiting(engine, host.site_id) == []
    assert await outbox.totals(engine, host.site_id) == (0, 0, 1, None)
    changes = Changes()
    outbox.again(changes, host.site_id, 1, 90)
    await engine.commit(changes)
    (found,) = await outbox.due(engine, host.site_id, 90)
    assert (found.failed_at, found.attempts) == (None, 0)
    assert await outbox.totals(engine, host.site_id) == (1, 0, 0, 90)


async def test_messages_are_listed_by_state(engine: Engine, host: User) -> None:
    await put(engine, *(Message(host.site_id, number, "mail", created_at=number // 2) for number in range(1, 7)))
    changes = Changes()
    outbox.sent(changes, host.site_id, 2, 70, "250 ok")
    outbox.give_up(changes, Message(host.site_id, 3, "mail"), 70, "550")
    outbox.drop(changes, Message(host.site_id, 4, "mail"))
    await engine.commit(changes)

    async def numbers(**asked: object) -> list[int]:
        return [each.outbox_id for each in await outbox.newest(engine, host.site_id, **asked)]  # type: ignore[arg-type]

    assert await numbers() == [6, 5, 3, 2, 1]
    assert await numbers(state="sent") == [2]
    assert await numbers(state="failed") == [3]
    assert await numbers(state="waiting") == [6, 5, 1]
    assert await numbers(maximum=2) == [6, 5]
    assert await numbers(maximum=2, before=(2, 5)) == [3, 2]
    assert await outbox.newest(engine, host.site_id + 1) == []


@pytest.mark.parametrize("state", ["sent", "dropped"])
async def test_what_is_done_is_not_touched_again(engine: Engine, host: User, state: str) -> None:
    message = Message(host.site_id, 1, "mail", created_at=50)
    await put(engine, message)
    changes = Changes()
    if state == "sent":
        outbox.sent(changes, host.site_id, 1, 70)
    else:
        outbox.drop(changes, message)
    await engine.commit(changes)
    acts: list[Callable[[Changes], None]] = [
        lambda changes: outbox.take(changes, message, 80, 90),
        lambda changes: outbox.later(changes, message, 90, ""),
        lambda changes: outbox.give_up(changes, message, 90, ""),
        lambda changes: outbox.again(changes, host.site_id, 1, 90),
        lambda changes: outbox.drop(changes, message),
    ]
    for act in acts:
        changes = Changes()
        act(changes)
        with pytest.raises(Conflict):
            await engine.commit(changes)
    assert await outbox.one(engine, host.site_id + 1, 1) is None


async def test_what_is_kept_of_a_sent_message(engine: Engine, host: User) -> None:
    await put(engine, *(Message(host.site_id, number, "mail", document='{"a":1}', created_at=1) for number in (1, 2)))
    changes = Changes()
    outbox.sent(changes, host.site_id, 1, 5, "250 ok", "{}")
    outbox.sent(changes, host.site_id, 2, 5, "250 ok")
    await engine.commit(changes)
    found = {each.outbox_id: each.document for each in await outbox.newest(engine, host.site_id)}
    assert found == {1: "{}", 2: '{"a":1}'}


async def test_what_is_due_next_and_how_much_waits(engine: Engine, host: User) -> None:
    site_id = host.site_id
    assert await outbox.next_due(engine, site_id, 10) is None
    assert await outbox.queued(engine, site_id, 10) == (0, None)
    first = Message(site_id, 1, "mail", created_at=5)
    await put(engine, first, Message(site_id, 2, "mail", created_at=7), Message(site_id, 3, "mail", 4, due_at=90))
    assert await outbox.next_due(engine, site_id, 10) == 5
    assert await outbox.queued(engine, site_id, 10) == (2, 5)
    assert await outbox.next_due(engine, site_id + 1, 10) is None
    changes = Changes()
    outbox.take(changes, first, 10, 20)
    await engine.commit(changes)
    assert await outbox.next_due(engine, site_id, 19) == 7
    assert await outbox.next_due(engine, site_id, 20) == 5
    assert await outbox.queued(engine, site_id, 19) == (2, 5)


async def test_messages_of_a_kind_about_a_session_are_forgotten(engine: Engine, host: User) -> None:
    site_id = host.site_id
    await put(
        engine,
        Message(site_id, 1, "waits", 77, created_at=1),
        Message(site_id, 2, "other", 77, created_at=1),
        Message(site_id, 3, "waits", 78, created_at=1),
        Message(site_id, 4, "waits", 77, created_at=1, sent_at=2),
    )
    changes = Changes()
    outbox.forget(changes, site_id, 77, "waits")
    outbox.put(changes, [Message(site_id, 5, "waits", 77, created_at=3)])
    await engine.commit(changes)
    assert sorted(each.outbox_id for each in await outbox.newest(engine, site_id)) == [2, 3, 4, 5]


async def test_old_messages_go_whether_sent_or_given_up(engine: Engine, host: User) -> None:
    site_id = host.site_id
    assert not await outbox.has_old(engine, site_id, 50)
    await put(
        engine,
        Message(site_id, 1, "mail", created_at=1, sent_at=50),
        Message(site_id, 2, "mail", created_at=1, failed_at=50),
        Message(site_id, 3, "mail", created_at=1),
        Message(site_id, 4, "mail", created_at=1, sent_at=51),
    )
    assert await outbox.has_old(engine, site_id, 50)
    assert not await outbox.has_old(engine, site_id, 49)
    changes = Changes()
    outbox.purge(changes, site_id, 50)
    await engine.commit(changes)
    assert sorted(each.outbox_id for each in await outbox.newest(engine, site_id)) == [3, 4]


async def test_mails_are_told_from_what_becomes_mails_later(engine: Engine, host: User) -> None:
    site_id = host.site_id
    await put(
        engine,
        Message(site_id, 1, "mail", recipient="Ada@example.com", created_at=1),
        Message(site_id, 2, "mail", recipient="b_b@example.com", created_at=2, taken_until=60),
        Message(site_id, 3, "other", recipient="c%c@example.com", created_at=3, sent_at=4),
        Message(site_id, 4, "mail", recipient="d\\d@example.com", created_at=4, failed_at=5),
        Message(site_id, 5, "waits", created_at=5),
    )

    async def found(**wanted: Any) -> list[int]:
        return [each.outbox_id for each in await outbox.mails(engine, site_id, 50, **wanted)]

    assert await found() == [4, 3, 2, 1]
    assert [await found(state=state) for state in ("waiting", "sending", "sent", "failed")] == [[1], [2], [3], [4]]
    assert await found(kind="other") == [3]
    assert [await found(recipient=part) for part in ("ADA", "_", "%", "\\", "example")] == [
        [1],
        [2],
        [3],
        [4],
        [4, 3, 2, 1],
    ]
    assert await found(before=(3, 3), maximum=1) == [2]
    assert await outbox.counted(engine, site_id, 50) == (1, 1, 1, 1, 1)
    assert await outbox.counted(engine, site_id, 60) == (2, 0, 1, 1, 1)
    assert await outbox.counted(engine, site_id + 1, 60) == (0, 0, 0, 0, 0)


async def test_what_a_process_sends_is_neither_called_off_nor_sent_again(engine: Engine, host: User) -> None:
    site_id = host.site_id
    await put(
        engine,
        Message(site_id, 1, "mail", recipient="a@example.com", created_at=1, taken_until=60),
        Message(site_id, 2, "waits", created_at=1),
    )

    async def done(work: Callable[[Changes], None]) -> bool:
        changes = Changes()
        work(changes)
        try:
            await engine.commit(changes)
        except Conflict:
            return False
        return True

    assert not await done(lambda changes: outbox.cancel(changes, site_id, 1, 50, "no"))
    assert not await done(lambda changes: outbox.again(changes, site_id, 1, 50, idle=True))
    assert not await done(lambda changes: outbox.cancel(changes, site_id, 2, 50, "no"))  # it is no mail
    assert not await done(lambda changes: outbox.cancel(changes, site_id + 1, 1, 60, "no"))
    assert await done(lambda changes: outbox.cancel(changes, site_id, 1, 60, "no"))
    found = await outbox.one(engine, site_id, 1)
    assert found is not None
    assert (found.state, found.note, found.failed_at) == ("failed", "no", 60)
    assert not await done(lambda changes: outbox.cancel(changes, site_id, 1, 60, "no"))
    assert await done(lambda changes: outbox.again(changes, site_id, 1, 61, idle=True))
    found = await outbox.one(engine, site_id, 1)
    assert found is not None
    assert (found.state, found.due_at, found.attempts) == ("waiting", 61, 0)
