"""Where scenes are played: the running service, its people at their browsers, and the camera."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from tests.journeys import samples, walking
from tests.journeys.serving import Service
from tests.journeys.watching import PHONE, Person, person
from tests.panduan.camera import Camera
from tests.panduan.prepare import Busy

HANDHELD = {"viewport": PHONE, "is_mobile": True, "has_touch": True}


@dataclass
class Studio:
    """One running service and who is in front of it."""

    service: Service
    browser: Browser
    camera: Camera
    busy: Busy
    papers: samples.Papers
    folder: Path
    """For files that people bring."""
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, username: str) -> Person:
        """That person at their own desk, signed in; the first time they sign in."""
        if username not in self.people:
            who = self.people[username] = person(self.browser, username, self.service.address)
            walking.sign_in(who, username, walking.DEMO[username].password)
        return self.people[username]

    def stranger(self, name: str = "warga", **options: object) -> Person:
        """Somebody without an account."""
        if name not in self.people:
            self.people[name] = person(self.browser, name, self.service.address, **options)
        return self.people[name]

    def show(self, username: str, path: str, name: str, *, top: str = "") -> Person:
        """Open a page and photograph it."""
        who = self.person(username) if username in walking.DEMO else self.stranger(username)
        who.open(path)
        self.camera.shoot(who, name, top=top)
        return who

    def faults(self) -> list[str]:
        """Scripts that failed, and errors in the service's log; refusals are part of the scenes."""
        return [f"{one.name}: {fault}" for one in self.people.values() for fault in one.faults] + self.service.errors()
