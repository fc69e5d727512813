"""The web application: `create_app` assembles it from its parts and decides nothing."""

import os

from flask import Flask

from webapp import config, errors, headers
from webapp.recognition import Recogniser
from webapp.views import api, draw


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
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = api.MAX_BODY
    app.extensions["recogniser"] = Recogniser.shipped()
    app.register_blueprint(draw.blueprint)
    app.register_blueprint(api.blueprint)
    errors.register(app)
    headers.register(app)
    return app
