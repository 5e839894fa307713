"""What a test, or the inspector of integration developers, may put between requests and operations.

`Application.stage` is None on all other servers, so that requests pay for one look at an attribute.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

from parley.protocol.faults import Fault

if TYPE_CHECKING:
    from parley.services.dispatcher import FormCredentials
    from parley.services.signin import Credentials


class Stage(Protocol):
    """Holds up or fails operations, and sees what was answered."""

    async def enter(self, operation: str, site_id: int, credentials: Credentials) -> Fault | None:
        """An operation begins: wait, let it through, or fail it.

        Args:
            operation: its name, such as `CreateMeeting`.
            credentials: what the request says of its caller; nothing of it is proven yet.

        Returns:
            What is answered although the operation does its work; None: the operation's own answer.

        Raises:
            Fault: the operation does nothing and answers this.
        """

    def answered(
        self,
        document: bytes,
        form: FormCredentials | None,
        scope: MutableMapping[str, Any],
        answer: bytes,
        seconds: float,
    ) -> None:
        """A document was answered. The arguments are those of `answer_document`, its answer, and how long it took."""
