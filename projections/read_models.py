"""The read models of the register, in the order in which they are fed.

Must not know what they hold.
"""

from __future__ import annotations

from projections.accounts.read_model import AccountsModel
from projections.board.read_model import BoardReadModel
from projections.documents.read_model import DocumentsModel
from projections.entities.read_model import EntitiesModel
from projections.intake.read_model import IntakeModel
from projections.log.read_model import LogModel
from projections.progress.read_model import ProgressModel
from projections.read_model import ReadModel
from projections.timeline.read_model import TimelineModel

READ_MODELS: tuple[ReadModel, ...] = (
    BoardReadModel(),
    EntitiesModel(),
    TimelineModel(),
    ProgressModel(),
    IntakeModel(),
    AccountsModel(),
    DocumentsModel(),
    LogModel(),
)
