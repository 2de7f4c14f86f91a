"""The browser's reader of seals against verifier's own, in real Chromium: shared vectors and generated cases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, Route, sync_playwright

from tests.journeys import watching
from tests.vectors.seal import make
from tests.verifier.test_verifier_seal import KEYS
from verifier import claims, cose, seal, token
from verifier.errors import VerificationError

pytestmark = pytest.mark.journey

FOLDER = Path(__file__).parents[1] / "vectors/seal"
MODULES = Path(__file__).parents[2] / "verifier/pwa"
ADDRESS = "https://surat.contoh.go.id"
VECTORS: dict[str, Any] = {
    name: json.loads((FOLDER / f"{name}.json").read_text()) for name in ("good", "bad", "tokens")
}
BATCH = 40
"""Cases in one call into the page; a call costs as much as reading dozens of cases."""

GENERATED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # a batch takes minutes to shrink, and the assertion names the one case
)
HEADER_FAULTS = {"seal-cbor", "seal-structure", "seal-algorithm"}
PAYLOAD_FAULTS = {"seal-cbor", "seal-version", "seal-claims"}

PREPARE = """async () => {
  const [{ read, Other }, { openSeal }, { printed, tokenBytes }, { hex }, { Refused }] = await Promise.all(
    ["cbor", "seal", "token", "cose", "refused"].map((name) => import(`/${name}.js`)));
  const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
  const plain = (value) => {
    if (value instanceof Other) throw new Refused("other");
    if (value instanceof Uint8Array) return { bytes: hex(value) };
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Map) return { map: [...value].map((pair) => pair.map(plain)) };
    return typeof value === "string" ? { text: value } : String(value);
  };
  const codeOf = (fault) => { if (fault instanceof Refused) return fault.code; throw fault; };
  globalThis.readAll = (cases) => cases.map((data) => {
    try {
      const { value, exact } = read(bytes(data));
      return exact ? plain(value) : null;
    } catch (fault) { codeOf(fault); return null; }
  });
  globalThis.openAll = (texts, keys) => Promise.all(texts.map(async (text) => {
    try { return await openSeal(text, keys); } catch (fault) { return codeOf(fault); }
  }));
  globalThis.tokens = (all) => all.map((token) => [hex(tokenBytes(token)), printed(token)]);
}"""


@pytest.fixture(name="page", scope="module")
def page_fixture() -> Iterator[Page]:
    def answer(route: Route) -> None:
        path = MODULES / route.request.url.rpartition("/")[2]
        if path.suffix == ".js":
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>kosong</title>", content_type="text/html")

    with sync_playwright() as playwright:
        browser = watching.launch(playwright)
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(ADDRESS)
        page.evaluate(PREPARE)
        yield page
        browser.close()


def opened(page: Page, texts: list[str], keys: Any = None) -> list[Any]:
    """What the browser says of each text: a code, or what it opened."""
    return list(
        page.evaluate(
            "([texts, keys]) => openAll(texts, keys)", [texts, VECTORS["good"]["keys"] if keys is None else keys]
        )
    )


def code_of(text: str, keys: seal.SealKeys = KEYS) -> str:
    try:
        seal.verify(text, keys)
    except VerificationError as fault:
        return fault.code
    return "accepted"


def test_good_vectors(page: Page) -> None:
    cases = VECTORS["good"]["cases"]
    for case, found in zip(cases, opened(page, [case["text"] for case in cases]), strict=True):
        assert not isinstance(found, str), (case["name"], found)
        fields, expected = found["fields"], dict(case["fields"])
        assert found["qr"]["origin"] == case["origin"]
        assert found["qr"]["token"] == case["token"]
        assert bytes(found["qr"]["seal"]).hex() == case["seal"]
        expected["issued_at"] = int(make.datetime.fromisoformat(expected["issued_at"]).timestamp())
        assert {snake(name): value for name, value in fields.items()} == expected


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def test_bad_vectors(page: Page) -> None:
    cases = VECTORS["bad"]["cases"]
    found = opened(page, [case["text"] for case in cases])
    assert {case["name"]: code for case, code in zip(cases, found, strict=True)} == {
        case["name"]: case["error"] for case in cases
    }


def test_token_vectors(page: Page) -> None:
    cases = VECTORS["tokens"]["good"]
    found = page.evaluate("(all) => tokens(all)", [case["token"] for case in cases])
    assert found == [[case["bytes"], case["printed"]] for case in cases]


def test_keys_that_cannot_be(page: Page) -> None:
    text, key = VECTORS["good"]["cases"][0]["text"], VECTORS["good"]["keys"][0]
    assert opened(page, [text], [{**key, "kid": "00000000"}]) == ["seal-unknown-key"]
    assert opened(page, [text], [{**key, "jwk": {**key["jwk"], "crv": "P-384"}}]) == ["seal-key-type"]
    assert opened(page, [text], [{**key, "jwk": {**key["jwk"], "x": key["jwk"]["y"]}}]) == ["seal-key-type"]
    ended = {**key, "not_after": key["not_before"]}
    assert opened(page, [text], [ended]) == ["seal-key-validity"]
    moment = VECTORS["good"]["cases"][0]["fields"]["issued_at"]
    ends = [{**key, "not_before": moment}, {**key, "not_after": moment}]
    assert [opened(page, [text], [end])[0]["key"] for end in ends] == ends, "both ends of the validity are included"
    assert opened(page, [text], [ended, key])[0]["key"] == key, "a renewed certificate keeps its key"
    assert opened(page, [text], []) == ["seal-unknown-key"]


whole = st.one_of(st.integers(-30, 300), st.integers(-(2**64), 2**64 - 1), st.sampled_from([2**32, 2**53, 2**63]))
plain = st.one_of(whole, st.binary(max_size=30), st.text(max_size=12), st.sampled_from(["\ufeffx", "é", "\U0001f600"]))
strange = st.one_of(
    st.floats(),
    st.none(),
    st.booleans(),
    st.integers(2**64, 2**80),
    st.builds(cbor2.CBORTag, whole.filter(lambda n: n >= 0), whole),
)
values = st.recursive(
    st.one_of(plain, plain, plain, strange),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(plain, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def spelt(draw: st.DrawFn) -> bytes:
    """CBOR, mostly of what a seal may hold, sometimes spelt otherwise, cut, lengthened or hit by a stray byte."""
    data = bytearray(_dumps(draw(values), canonical=draw(st.booleans())))
    if draw(st.booleans()):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["change", "cut", "add", "drop", "wrap"])):
            case "change":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[at:]
            case "add":
                data[at:at] = draw(st.binary(min_size=1, max_size=2))
            case "drop":
                del data[at : at + 1]
            case _:
                data[:0] = b"\x81" * draw(st.integers(1, 9))
    return bytes(data)


def _dumps(value: object, *, canonical: bool) -> bytes:
    try:
        return cbor2.dumps(value, canonical=canonical)
    except (cbor2.CBOREncodeError, UnicodeEncodeError):
        return b"\xf4"


def strictly(data: bytes) -> Any:
    """What Python's strict reading gives in the same plain form as the page, None when it refuses."""
    try:
        value = cose.parse_cbor(data)
        return shown(value) if cose.deterministic(value) == data else None
    except (VerificationError, ForeignValue, cbor2.CBOREncodeError):
        return None


class ForeignValue(Exception):
    """Something that no seal holds."""


def shown(value: object) -> Any:
    match value:
        case bool():
            raise ForeignValue
        case int() if -(2**64) <= value < 2**64:
            return str(value)
        case bytes():
            return {"bytes": value.hex()}
        case str():
            return {"text": value}
        case list():
            return [shown(one) for one in value]
        case dict():
            return {"map": [[shown(key), shown(one)] for key, one in value.items()]}
    raise ForeignValue


@settings(GENERATED, max_examples=60)
@given(st.lists(st.one_of(spelt(), spelt(), spelt(), st.binary(max_size=12)), min_size=BATCH, max_size=BATCH))
def test_the_reader_accepts_exactly_what_python_accepts(page: Page, cases: list[bytes]) -> None:
    found = page.evaluate("(cases) => readAll(cases)", [data.hex() for data in cases])
    for data, value in zip(cases, found, strict=True):
        assert value == strictly(data), data.hex()


facts = st.tuples(
    st.one_of(st.just("400.9/1"), st.text(max_size=42), strange),
    st.one_of(st.integers(-1, 70000), strange),
    *[st.one_of(st.text(max_size=64), st.lists(st.text(max_size=62), max_size=2), strange)] * 3,
    st.one_of(st.integers(0, 2**33), strange),
    st.one_of(st.binary(min_size=16, max_size=16), st.binary(max_size=17), strange),
)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Claims that are right, or nearly so."""
    iat = draw(st.one_of(st.just(make.IAT), st.integers(-1, 2**32), strange))
    changed = list(make.FACTS)
    for at in draw(st.sets(st.integers(0, 6), max_size=2)):
        changed[at] = draw(facts)[at]
    content: dict[object, object] = {6: iat, draw(st.sampled_from([-1, -1, -1, -2, -3])): changed}
    if draw(st.integers(0, 9)) == 0:
        content[draw(plain)] = draw(plain)
    data = bytearray(_dumps(content, canonical=draw(st.integers(0, 4)) > 0))
    if draw(st.integers(0, 3)) == 0:
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


@GENERATED
@given(st.lists(payloads(), min_size=BATCH, max_size=BATCH))
def test_signed_claims_are_judged_alike(page: Page, cases: list[bytes]) -> None:
    texts = [make.text_of(make.sign1(payload)) for payload in cases if len(payload) < claims.SEAL_MAX - 80]
    for text, found in zip(texts, opened(page, texts), strict=True):
        code, expected = found if isinstance(found, str) else "accepted", code_of(text)
        # Things that no seal holds (tags, floats) may be refused for one reason here and another there.
        assert code == expected or {code, expected} <= PAYLOAD_FAULTS, (text, code, expected)
        if expected == "accepted":
            assert found["fields"]["subject"] == seal.verify(text, KEYS).subject


@GENERATED
@given(
    st.lists(
        st.tuples(st.integers(0, 10_000), st.characters(codec="utf-8"), st.sampled_from([0, 1])),
        min_size=BATCH,
        max_size=BATCH,
    )
)
def test_a_text_with_one_wrong_character_is_judged_alike(page: Page, cases: list[tuple[int, str, int]]) -> None:
    text = VECTORS["good"]["cases"][0]["text"]
    texts = []
    for at, character, replaced in cases:
        at %= len(text)
        texts.append(text[:at] + character + text[at + replaced :])
    for changed, found in zip(texts, opened(page, texts), strict=True):
        code, expected = found if isinstance(found, str) else "accepted", code_of(changed)
        # As with payloads: what no seal's header holds may be refused for one reason here and another there.
        assert code == expected or {code, expected} <= HEADER_FAULTS, (changed, code, expected)


def test_every_flipped_bit_of_a_seal_is_refused(page: Page) -> None:
    sealed = bytes.fromhex(VECTORS["good"]["cases"][0]["seal"])
    texts = []
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        texts.append(make.text_of(bytes(changed)))
    assert [code for code in opened(page, texts) if not isinstance(code, str)] == []


def test_another_letters_token_is_refused(page: Page) -> None:
    case = VECTORS["good"]["cases"][0]
    other = token.from_bytes(bytes(10))
    text = case["text"].replace(make.TOKEN, other)
    assert text != case["text"]
    assert opened(page, [text]) == ["seal-signature"]
    assert base64.b32decode(text.partition("#")[2] + "=" * (-len(text.partition("#")[2]) % 8)).hex() == case["seal"]
