"""How a version was made, in words."""

from nn import training_data
from nn.presets import FIELDS
from nn.words import N_
from webapp.learning import runs
from webapp.storage.tables import ModelVersion
from webapp.web.languages import say

_UNKNOWN = N_("unknown")


def data(version: ModelVersion) -> str:
    """What it was trained on."""
    # Versions of older Inklings hold the settings too, as Python writes them.
    text = version.trained_on.partition(", Preset(")[0]
    return say(training_data.recognised(text) if text else _UNKNOWN)


def settings(version: ModelVersion) -> str:
    """Its settings in one line."""
    made_with = version.made_with
    return say(runs.described(*made_with) if made_with else _UNKNOWN)


def details(version: ModelVersion, layers: list[int]) -> dict[str, str]:
    """Everything that is known of its making: {label: text}. The labels are messages.

    layers : sizes of the network's layers
    """
    known = {N_("Data"): data(version), N_("Layers"): ", ".join(map(str, layers))}
    made_with = version.made_with
    if made_with is None:
        return known
    name, preset = made_with
    typed = {field.label: field.text(getattr(preset, key)) for key, field in FIELDS.items()}
    del typed[FIELDS["hidden"].label]  # the layers tell it, also of a run that kept them
    return known | {N_("Preset"): say(name)} | typed
