import contextlib
import gc
import warnings

import pytest

from webapp.learning import queue


def test_nudge_wakes_the_worker(settings):
    woken = []
    huey = queue.receiver(settings, lambda: woken.append(True))
    with contextlib.closing(huey.storage):
        queue.nudge(settings)
        huey.execute(huey.dequeue())
        assert woken == [True]
        assert len(huey) == 0


@pytest.mark.skipif("sys.version_info < (3, 13)", reason="Python says so from 3.13 on")
def test_nudge_leaves_no_connection_open(settings):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        queue.nudge(settings)
        queue.reach(settings)
        gc.collect()
    assert [str(each.message) for each in said] == []
