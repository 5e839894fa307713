"""GetAPIVersion.

Sources: facts/general-session.md 1, facts/versions.md 0.
"""

from __future__ import annotations

from typing import Final

from parley.contract.ep import GetAPIVersion, GetAPIVersionResponse
from parley.services.context import Context
from parley.services.registry import operation

#: From the monthly releases on the version stays at 11.0.0, and the monthly number has an element of its own.
API_VERSION: Final = "WebEx XML API V11.0.0"
#: The release and train numbers of 42.x were never seen: they count on from the last ones known.
_RELEASE: Final = "SP26"
_TRAIN: Final = "T32L"
_TRAIN_ORDER: Final = 400


@operation("ep", request=GetAPIVersion, answer=GetAPIVersionResponse, since="3.5")
async def get_api_version(context: Context, request: GetAPIVersion) -> GetAPIVersionResponse:
    """Tell the version of the API that the site runs at."""
    trains = bool(request.return_train_release_version)
    return GetAPIVersionResponse(
        api_version=API_VERSION,
        release=_RELEASE,
        train_release_version=_TRAIN if trains else None,
        train_release_order=_TRAIN_ORDER if trains else None,
        api_ver=context.site.level.text,
    )
