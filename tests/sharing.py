"""How the tests are shared out among the processes of a run."""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # says nothing of types

#: Folders that one process has: there is one browser, and what is attacked takes seconds to make.
_TOGETHER: Final = ("tests/browser/", "tests/attacks/generated/")


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # as it says nothing of types
    """A process gets a file of tests at a time, so that what these have in common is made once; some folders whole.

    Not by marks (`xdist_group`): what pytest-xdist 3.8 writes of them behind a test's name, pytest 9.2 does not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((folder for folder in _TOGETHER if path.startswith(folder)), path)
