"""The web application: `create_app` assembles it from its parts and decides nothing."""

import os

from flask import Flask

from webapp import auth, config, errors, headers
from webapp.recognition import Recogniser
from webapp.storage import open_database
from webapp.task_queue import TaskQueue
from webapp.views import admin, api, draw, evaluation, train, versions


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
    app.config["MAX_CONTENT_LENGTH"] = versions.MAX_BODY  # the largest; others lower it
    database = open_database(settings)
    app.extensions["database"] = database
    app.extensions["recogniser"] = Recogniser(database)
    app.extensions["task_queue"] = TaskQueue(settings, database)
    csrf = auth.register(app, database, settings)
    csrf.exempt(api.blueprint)
    for audience in (draw, api, admin, train, versions, evaluation):
        app.register_blueprint(audience.blueprint)
    errors.register(app)
    headers.register(app)
    return app
