"""A session as a workshop holds it: runs, versions that went live and back, drawings."""

import dataclasses

from nn.presets import PRESETS
from nn.words import Sentence
from tests.support.given import give
from webapp.learning import runs, trainer, versions
from webapp.room import drawings, pictures
from webapp.storage.tables import Drawing, TrainingRun

SMALL = dataclasses.replace(PRESETS["article"], hidden=(6,), epochs=4, seed=3)
HTML = "<b>Bold</b> & “quoted”"  # in every text that somebody can type


def hold_session(database, n_drawings=12):
    """Fill a fresh database.

    Versions 2 and 3 come from runs 1 and 2, version 4 was deleted, version 2 is live again
    after 3 was; run 3 was cancelled, run 4 failed, run 5 waits.
    """
    for seed in (3, 4):
        _train(database, seed)
    with database.writing() as session:
        versions.publish(session, versions.load(session, 2), "A mistake", "upload")
        versions.delete(session, 4)
        versions.rename(session, 2, HTML)
    for change in (lambda s: versions.promote(s, 2), lambda s: versions.promote(s, 3)):
        with database.writing() as session:
            change(session)
    with database.writing() as session:
        versions.roll_back(session)
        for _ in range(3):
            runs.create(session, SMALL, "article")
        runs.cancel(session, 3)
        failed = session.get(TrainingRun, 4)
        failed.status, failed.reason = TrainingRun.FAILED, Sentence(HTML)
        give_drawings(session, n_drawings)


def give_drawings(session, number):
    """Approved ones by three people, one held out, a fourth not recognised; two that wait."""
    people = [drawings.new_participant(session) for _ in range(3)]
    for i, participant in enumerate(people):
        participant.held_out = i == 1
    for i in range(number + 2):
        label = i % 10
        predicted = label if i % 4 else (label + 1) % 10
        status = Drawing.APPROVED if i < number else Drawing.PENDING
        drawing = give(session, label, predicted, status, people[i % 3], version=1 + i % 3)
        drawing.picture = pictures.digit_png(list(drawing.pixels))
        for participant in people:
            participant.window_given = 0  # of the rate limit: a test is in a hurry


def _train(database, seed):
    preset = dataclasses.replace(SMALL, seed=seed)
    with database.writing() as session:
        run = runs.create(session, preset, "article").id
    trainer.execute(database, run)
