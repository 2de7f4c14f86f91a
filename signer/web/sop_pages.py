"""The SOP as its printed table, and where a berkas stands in it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from signer import sop, sops
from signer.berkas import views
from signer.berkas.views import Detail
from signer.errors import NotFound
from signer.sop import Decision, Phase, Sop, Step
from signer.web import shown
from signer.web.context import actor, desk

pages = Blueprint("sop", __name__, url_prefix="/sop")


@pages.get("/")
def index() -> str:
    """The office's SOPs in force."""
    return render_template("sop/index.html", found=_in_force())


@pages.get("/<slug>")
def show(slug: str) -> str:
    """One SOP; ?berkas=<id> marks where that berkas is, in the version it started under."""
    detail = _asked_for(slug)
    steps = detail.sop if detail else next((found for found in _in_force() if found.key == slug), None)
    if steps is None:
        raise NotFound()
    position = detail.position if detail else None
    marks = {mark.step.no: mark.phase for mark in sop.timeline(steps, position)} if position else {}
    return render_template(
        "sop/show.html",
        s=steps,
        d=detail,
        left=shown.minutes(detail.clock) if detail else None,
        rows=[_row(steps, step, marks.get(step.no)) for step in steps.steps],
        files={found.key for found in _in_force()},
    )


def _in_force() -> list[Sop]:
    with desk().db.read() as session:
        return [steps for _version, steps in sops.in_force(session, actor().office_id)]


def _asked_for(slug: str) -> Detail | None:
    """The berkas of ?berkas=, if it follows this SOP. Raises NotFound."""
    number = request.args.get("berkas", type=int)
    if number is None:
        return None
    detail = views.detail(desk(), actor(), number)
    if detail.sop.key != slug:
        raise NotFound()
    return detail


def _row(steps: Sop, step: Step, phase: Phase | None) -> dict[str, Any]:
    """One line of the table: the step, its symbol in its own role's column, and where the flow goes from it."""
    return {
        "step": step,
        "phase": phase,
        "symbol": _symbol(steps, step),
        "column": next(no for no, role in enumerate(steps.roles) if role.key == step.role),
        "back": step.returns_to if Decision.RETURN in step.decisions else (),
        "last": step.no == len(steps.steps),
    }


def _symbol(steps: Sop, step: Step) -> str:
    """The flow chart's sign: rounded where it begins and ends, a diamond where it can go back, else a box."""
    if step.no in (1, len(steps.steps)):
        return "ujung"
    return "keputusan" if Decision.RETURN in step.decisions else "kegiatan"
