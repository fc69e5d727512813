"""What is in a session capsule, by name, and how much of it there may be."""

FORMAT, FORMAT_VERSION = "inkling-capsule", 1
MAX_BYTES = 64 * 2**20  # of the zip file
MAX_UNPACKED = 96 * 2**20  # of all that is in it
MAX_JSON = 16 * 2**20  # of one JSON file: parsed, it takes twenty times as much
MAX_MODELS = 1_000
MAX_TEXT = 10_000  # characters of a reason, or of what a model was trained on
MAX_NUMBER = 1_000_000  # of a version or a run: there is room for later ones
MAX_EPOCHS = 50_000  # of all runs together
MAX_COST = 1e300

README, REPORT, LIVE_MODEL = "README.txt", "report.html", "live-model.npz"
VERSIONS, RUNS, DRAWINGS = "versions.json", "runs.json", "drawings.csv"
MANIFEST = "manifest.json"
EPOCH_FIGURES = ("cost", "accuracy", "test_cost", "test_accuracy")


class CapsuleError(ValueError):
    """What cannot be done with a capsule; the message says why."""


def weights_file(number):
    """Name of the file that holds the weights of a version."""
    return f"versions/{number}.npz"
