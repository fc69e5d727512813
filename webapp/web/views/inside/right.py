"""How good a network is, for learners: a part of the page of the last step."""

from flask import Blueprint, render_template

from nn.verdict import with_article
from webapp.learning.track_record import track_record
from webapp.room import pictures
from webapp.web import forms, languages, report_figures
from webapp.web.views.inside.asked import Network

SHOWN = 24  # mistakes; the rest is counted

blueprint = Blueprint("inside_right", __name__)


@blueprint.get("/inside/right/report")
def report() -> str:
    """The figures of the live network, or of the version `version`.

    :raise 404: if there is none of this number, or no longer
    """
    number, model = Network(forms.number("version", 0)).chosen()
    found = track_record(model)
    return render_template(
        "inside/report.html",
        number=number,
        sets={"digits": found.digits, "people": found.people},
        shown=SHOWN,
        level=report_figures.level,
        sure=report_figures.whole_percent,
        in_address=pictures.in_address,
        with_article=lambda digit: languages.say(with_article(digit)),
    )
