"""Letters as data: templates described by TOML, values checked against them, PDF/A rendered from both.

`load_templates(folder)` gives the office's templates; `render` makes the one rendering that is signed (design: idea 1),
`preview` the page pictures beside the form. Values are always text to the typesetter, never code.
"""

from signer.drafting.checks import check, problems
from signer.drafting.letter import Kop, LetterData, Mode, SignatureBlock
from signer.drafting.press import Press
from signer.drafting.rendering import Rendered, preview, render
from signer.drafting.template import Column, DescriptionFault, Field, LetterTemplate, Shelf, Templates, load_templates
from signer.drafting.text import Label
from signer.drafting.values import clean, defaults

__all__ = [
    "Column",
    "DescriptionFault",
    "Field",
    "Kop",
    "Label",
    "LetterData",
    "LetterTemplate",
    "Mode",
    "Press",
    "Rendered",
    "Shelf",
    "SignatureBlock",
    "Templates",
    "check",
    "clean",
    "defaults",
    "load_templates",
    "preview",
    "problems",
    "render",
]
