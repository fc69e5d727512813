"""How a version was made, in words."""

from nn.presets import FIELDS
from webapp.learning import runs
from webapp.storage.tables import ModelVersion


def data(version: ModelVersion) -> str:
    """What it was trained on."""
    # Versions of older Inklings hold the settings too, as Python writes them.
    return version.trained_on.partition(", Preset(")[0] or "unknown"


def settings(version: ModelVersion) -> str:
    """Its settings in one line."""
    made_with = version.made_with
    return runs.described(*made_with) if made_with else "unknown"


def details(version: ModelVersion, layers: list[int]) -> dict[str, str]:
    """Everything that is known of its making: {label: text}.

    layers : sizes of the network's layers
    """
    known = {"Data": data(version), "Layers": ", ".join(map(str, layers))}
    made_with = version.made_with
    if made_with is None:
        return known
    name, preset = made_with
    typed = {field.label: field.text(getattr(preset, key)) for key, field in FIELDS.items()}
    del typed[FIELDS["hidden"].label]  # the layers tell it, also of a run that kept them
    return known | {"Preset": name} | typed
