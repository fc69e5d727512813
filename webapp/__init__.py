"""The web application: `create_app` assembles it from its parts and decides nothing."""

import os
from typing import TYPE_CHECKING

from webapp import config

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: config.Settings | None = None) -> "Flask":
    """The Flask application, on a data folder that `storage.first_start` has prepared.

    settings : as from `config.from_environment`; None reads the environment
    """
    # Only the processes that serve need Flask: the others start sooner without these imports.
    from flask import Flask

    from webapp.learning.recognition import Recogniser
    from webapp.room import joining, limits
    from webapp.room.averages import Averages
    from webapp.room.devices import Sightings
    from webapp.storage.database import Database
    from webapp.web import auth, errors, headers, hosts, languages, request_ids
    from webapp.web.views import admin, api, draw, drawings, evaluation, inside, train, versions
    from webapp.web.views import api_docs as api_pages
    from webapp.web.views import capsule as capsule_pages
    from webapp.web.views import language as language_switch
    from webapp.web.views import moderation as moderation_pages
    from webapp.web.views import wall as wall_pages

    settings = settings or config.from_environment(os.environ)
    app = Flask(
        __name__,
        static_folder=config.PAGES / "static",
        template_folder=config.PAGES / "templates",
        instance_path=str(settings["data_dir"].resolve()),
    )
    app.config["MAX_CONTENT_LENGTH"] = moderation_pages.MAX_BODY  # the largest; others lower it
    app.config["LISTENS_ON"] = settings["host"], settings["port"]
    app.config["OPEN_COMMANDS"] = joining.commands_that_let_phones_in(settings)
    app.config["LIMITS"] = limits.from_settings(settings)
    app.config["TRUSTED_PROXIES"] = settings["trusted_proxies"]
    languages.register(app, settings)
    hosts.register(app, settings)
    database = Database(settings)
    csrf = auth.register(app, database, settings)
    app.extensions["database"] = database
    app.extensions["settings"] = settings
    app.extensions["recogniser"] = Recogniser(database)
    app.extensions["room_averages"] = Averages(database)
    app.extensions["nudge"] = lambda: _nudge(settings)
    app.extensions["sightings"] = Sightings(database, str(app.secret_key))
    csrf.exempt(api.blueprint)
    # These ask where a request comes from instead.
    for audience in (draw, drawings, language_switch):
        csrf.exempt(audience.blueprint)
    for blueprint in inside.API:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    # Modules of the rooms have the plain names.
    pages = (wall_pages, capsule_pages, moderation_pages, language_switch, api_pages)
    for audience in (draw, inside, api, drawings, admin, train, versions, evaluation, *pages):
        app.register_blueprint(audience.blueprint)
    errors.register(app)
    headers.register(app)
    request_ids.register(app)
    return app


def _nudge(settings: config.Settings) -> None:
    """Let the training worker look for runs."""
    from webapp.learning import queue  # imports huey; serving starts without it

    queue.nudge(settings)
