"""The authority's own certificates and keys: made together, kept together, one passphrase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certs_dev.certificates import PROFILES, Entity, Kind, issue, subject, to_pem
from certs_dev.files import make_folder, write_atomically
from certs_dev.keys import Algorithm, generate, seal_in, unseal

Services = Mapping[Kind, Entity]

# issuers before what they issue
NAMES: Mapping[Kind, str] = {
    "root": "CA Akar SuratSah",
    "ca": "CA Penerbit SuratSah",
    "tsa": "Stempel Waktu SuratSah",
    "ocsp": "Status Sertifikat SuratSah",
    "seal": "Segel Kantor SuratSah",
}


@dataclass(frozen=True)
class Facts:
    """What an authority was made with; kept as JSON beside its certificates."""

    base_url: str
    algorithm: Algorithm
    organization: str

    def to_json(self) -> dict[str, object]:
        """As a JSON object, with the format's number."""
        return {"format": 1, **asdict(self)}


def make(facts: Facts, at: datetime) -> Services:
    """New keys and certificates from `at` on. The seal's key is P-256 always: its COSE signature is ES256."""
    made: dict[Kind, Entity] = {}
    for kind, common_name in NAMES.items():
        key = generate("ec" if kind == "seal" else facts.algorithm)
        name = subject(common_name, facts.organization)
        issuer = made.get(PROFILES[kind].issuer)  # the root finds none: it signs itself
        made[kind] = issue(kind, name, key, issuer=issuer, base_url=facts.base_url, at=at)
    return made


def write(folder: Path, services: Services, passphrase: str) -> None:
    """Put certificates (PEM) into `folder` and keys (encrypted PKCS#8) into its new subfolder `keys`."""
    keys = make_folder(folder / "keys")
    for kind, entity in services.items():
        write_atomically(folder / f"{kind}.crt", to_pem(entity.certificate))
        write_atomically(keys / f"{kind}.key", seal_in(entity.key, passphrase))


def read(folder: Path, passphrase: str) -> Services:
    """What write() put there. Raises FileNotFoundError, WrongServicePassphraseError."""
    return {
        kind: Entity(
            x509.load_pem_x509_certificate((folder / f"{kind}.crt").read_bytes()),
            unseal((folder / "keys" / f"{kind}.key").read_bytes(), passphrase),
        )
        for kind in NAMES
    }
