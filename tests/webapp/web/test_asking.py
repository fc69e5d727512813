"""What cannot be undone asks first, also without scripts."""

import re

from tests.support.pages import sign_in
from webapp.learning import versions


def test_version_is_deleted_for_good_only_after_a_second_press(app, client):
    sign_in(client)
    with app.extensions["database"].writing() as session:
        versions.upload(session, versions.version(session, 1).weights, "Twin")
    page = client.get("/admin/versions").text
    asking = re.search(r'<details class="ask">.*?</details>', page, re.S)[0]
    first, second = asking.split("</summary>")
    assert "Delete for good" in first
    assert "nobody can bring them back" in second
    assert 'action="/admin/versions/2/delete"' in second
    assert page.count("/delete") == 1
