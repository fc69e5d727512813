import copy

import numpy as np

from nn import files
from nn.report import Report, held_out_digits
from webapp.learning.track_record import track_record


def test_record_is_the_report_on_digits_and_people(shipped):
    record = track_record(shipped)
    expected = Report(shipped, held_out_digits())
    np.testing.assert_array_equal(record.digits.predicted, expected.predicted)
    assert (record.digits.n, record.people.n) == (297, 600)


def test_network_is_measured_once(shipped):
    assert track_record(files.load(files.SHIPPED)) is track_record(shipped)


def test_other_numbers_are_another_network(shipped):
    cooler, other = copy.copy(shipped), copy.deepcopy(shipped)
    cooler.temperature *= 2
    other.network.parameters[7] += 1
    records = {id(track_record(model)) for model in (shipped, cooler, other)}
    assert len(records) == 3
