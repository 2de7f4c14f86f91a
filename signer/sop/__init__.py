"""The SOP as data: a pure engine over `templates/sop/*.toml` that answers who may do what next.

`load` reads one file's text into a `Sop`; `start` and `after` move a `Position` along its steps; `may`,
`expect`, `waiting` and `timeline` answer what pages, use cases, inboxes and tracking ask. Nothing here reads
or writes anything: the caller holds the text, the position and the clock (`signer.worktime`). Format:
docs/formats/sop.md.
"""

from signer.sop.flow import (
    Acting,
    Mark,
    Phase,
    Position,
    State,
    acting,
    after,
    done,
    expect,
    may,
    minutes_left,
    start,
    step_at,
    timeline,
    waiting,
    waits_for,
)
from signer.sop.loading import digest, load
from signer.sop.model import (
    Action,
    Approval,
    Column,
    Decision,
    Goods,
    Header,
    Holder,
    Office,
    Register,
    Related,
    Requirement,
    Role,
    Section,
    Sop,
    Step,
    Withdrawal,
)
from signer.sop.reading import SopFault

__all__ = [
    "Acting",
    "Action",
    "Approval",
    "Column",
    "Decision",
    "Goods",
    "Header",
    "Holder",
    "Mark",
    "Office",
    "Phase",
    "Position",
    "Register",
    "Related",
    "Requirement",
    "Role",
    "Section",
    "Sop",
    "SopFault",
    "State",
    "Step",
    "Withdrawal",
    "acting",
    "after",
    "digest",
    "done",
    "expect",
    "load",
    "may",
    "minutes_left",
    "start",
    "step_at",
    "timeline",
    "waiting",
    "waits_for",
]
