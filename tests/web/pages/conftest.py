from __future__ import annotations

from tests.web.demonstration import demonstration

__all__ = ["demonstration"]
