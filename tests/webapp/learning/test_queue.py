from webapp.learning import queue


def test_nudge_wakes_the_worker(settings):
    woken = []
    huey = queue.receiver(settings, lambda: woken.append(True))
    queue.nudge(settings)
    huey.execute(huey.dequeue())
    assert woken == [True]
    assert len(huey) == 0
