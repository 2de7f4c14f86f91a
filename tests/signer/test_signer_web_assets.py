"""Style sheets and scripts: light on the wire, kept as long as their content lasts; which pages leave compressed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from helpers_public import Public

from signer.web.assets import FOREVER, Assets

pytest_plugins = ("helpers_public",)

ROOT = Path(__file__).resolve().parents[2]
GZIP = {"Accept-Encoding": "gzip, br"}


def version(public: Public) -> str:
    return str(public.site.app.jinja_env.globals["asset_version"])


def test_a_file_under_its_version_is_kept_for_good(shared: Public) -> None:
    answer = shared.client.get(f"/static/surat.css?v={version(shared)}")
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.headers["Vary"] == "Accept-Encoding" and "Set-Cookie" not in answer.headers
    for query in ("", "?v=0123456789ab"):  # another version's content must not be kept under its name
        assert shared.client.get(f"/static/surat.css{query}").headers["Cache-Control"] == "no-cache"
    assert shared.client.get("/static/tiada.css").status_code == 404
    assert shared.client.get("/static/../assembly.py").status_code == 404


def test_packed_and_plain_are_the_same_text(shared: Public) -> None:
    plain = shared.client.get("/static/surat.css")
    packed = shared.client.get("/static/surat.css", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    for encodings in ({}, GZIP):
        again = shared.client.get("/static/surat.css", headers={"If-None-Match": packed.headers["ETag"], **encodings})
        assert (again.status_code, again.data) == (304, b"")
    refused = shared.client.get("/static/surat.css", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


def test_scripts_import_each_other_under_the_same_version(shared: Public) -> None:
    folder = Path(shared.site.app.static_folder or "")
    for path in (folder / "js").glob("*.js"):
        text = shared.client.get(f"/static/js/{path.name}").get_data(as_text=True)
        imported = re.findall(r'"\./([a-z-]+\.js)(\?v=[0-9a-f]{12})?"', text)
        for name, query in imported:
            assert query == f"?v={version(shared)}", (path.name, name)
            assert shared.client.get(f"/static/js/{name}{query}").headers["Cache-Control"] == FOREVER


def test_no_script_is_imported_another_way_and_none_is_dead(shared: Public) -> None:
    """Another way would escape the version, and be loaded twice."""
    scripts = list(Path(shared.site.app.static_folder or "", "js").glob("*.js"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in scripts}
    for name, text in texts.items():
        found = re.findall(r"^import [^;]*?[\"']([^\"';]*)[\"'];|import\([\"']([^\"']*)", text, re.M)
        assert all(re.fullmatch(r"\./[a-z-]+\.js", one or other) for one, other in found), (name, found)
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "pages").rglob("*.html"))
    everything = pages + "".join(texts.values())
    assert [name for name in texts if f"js/{name}'" not in pages and f'"./{name}"' not in everything] == []


def test_any_changed_byte_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a { color: red }")
    before = Assets(tmp_path).version
    (tmp_path / "a.css").write_text("a { color: blue }")
    assert Assets(tmp_path).version != before


def test_public_pages_leave_compressed(shared: Public) -> None:
    for path in (f"/v/{shared.token}", "/periksa", "/sw.js", f"/v/{shared.token}/rakor.ics"):
        plain = shared.client.get(path)
        packed = shared.client.get(path, headers=GZIP)
        if len(plain.data) >= 600:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert len(gzip.decompress(packed.data)) == len(plain.data)
        assert "Accept-Encoding" in packed.headers["Vary"] and "Content-Encoding" not in plain.headers
    picture = shared.client.get(f"/v/{shared.token}/halaman/1.webp", headers=GZIP)
    report = shared.client.get(f"/api/v1/letters/{shared.token}", headers=GZIP)
    for answer in (picture, report):
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/masuk", "/", "/lacak"])
def test_pages_with_a_form_token_never_do(shared: Public, path: str) -> None:
    """Their length would tell of the token (BREACH)."""
    answer = shared.site.client("staf").get(path, headers=GZIP, follow_redirects=True)
    assert "Content-Encoding" not in answer.headers
