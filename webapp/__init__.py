"""The web application: `create_app` assembles it from its parts and decides nothing."""

import os

from flask import Flask

from webapp import config
from webapp.learning.queue import TaskQueue
from webapp.learning.recognition import Recogniser
from webapp.room import wall
from webapp.room.devices import Sightings
from webapp.storage.folder import open_database
from webapp.web import auth, errors, headers
from webapp.web.views import admin, api, draw, drawings, evaluation, train, versions
from webapp.web.views import capsule as capsule_pages
from webapp.web.views import moderation as moderation_pages
from webapp.web.views import wall as wall_pages


def create_app(settings=None):
    """The Flask application.

    settings : dict as from `config.from_environment`; None reads the environment.
    """
    settings = settings or config.from_environment(os.environ)
    app = Flask(
        __name__,
        static_folder="../static",
        template_folder="../templates",
        instance_path=str(settings["data_dir"].resolve()),
    )
    app.config["MAX_CONTENT_LENGTH"] = moderation_pages.MAX_BODY  # the largest; others lower it
    database = open_database(settings)
    app.extensions["database"] = database
    app.extensions["recogniser"] = Recogniser(database)
    app.extensions["task_queue"] = TaskQueue(settings, database)
    csrf = auth.register(app, database, settings)
    wall.set_up(database)
    app.extensions["sightings"] = Sightings(database, app.secret_key)
    app.config["LISTENS_ON"] = settings["host"], settings["port"]
    app.config["MAX_DRAWINGS"] = settings["max_drawings"]
    csrf.exempt(api.blueprint)
    csrf.exempt(drawings.blueprint)  # asks where a request comes from instead
    pages = (wall_pages, capsule_pages, moderation_pages)  # domain modules have the plain names
    for audience in (draw, api, drawings, admin, train, versions, evaluation, *pages):
        app.register_blueprint(audience.blueprint)
    errors.register(app)
    headers.register(app)
    return app
