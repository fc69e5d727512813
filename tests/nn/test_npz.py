import io

import numpy as np
import pytest

from nn import npz

LIMIT = 2**20


def packed(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def test_arrays_are_read_by_name():
    arrays = npz.read(packed(a=np.arange(3), b=np.ones((2, 2), np.float32)), LIMIT)
    assert set(arrays) == {"a", "b"}
    np.testing.assert_array_equal(arrays["a"], [0, 1, 2])
    assert arrays["b"].dtype == np.float32


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bytes(LIMIT + 1), "The file is larger than 1 MiB."),
        (packed(a=np.zeros(LIMIT, np.uint8)), "Unpacked, the file is larger than 1 MiB."),
    ],
    ids=["packed", "unpacked"],
)
def test_file_above_the_limit_is_refused_with_the_limit(data, sentence):
    with pytest.raises(npz.NpzError) as caught:
        npz.read(data, LIMIT)
    assert str(caught.value) == sentence


def test_arrays_that_nobody_asks_for_must_be_plain_too():
    data = packed(a=np.arange(3), hidden=np.array([print], object))
    with pytest.raises(npz.NpzError, match="of plain numbers"):
        npz.read(data, LIMIT)
