"""The languages of Inkling's pages: `*.po` are what people translate, `python -m
webapp.translations` makes the rest of it.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
DOMAIN = "inkling"
# pseudo shows each message in brackets, for people who look for texts that were forgotten.
NAMES = {"en": "English", "zh": "简体中文", "pseudo": "⟦Pseudo⟧"}
