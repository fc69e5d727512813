import io
import zipfile

import numpy as np
import pytest

from nn import npz

LIMIT = 2**20


def packed(save=np.savez, **arrays):
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


GOOD = packed(a=np.arange(3), b=np.ones((2, 2), np.float32))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_read_by_name(save):
    arrays = npz.read(packed(save, a=np.arange(3), b=np.ones((2, 2), np.float32)), LIMIT)
    assert set(arrays) == {"a", "b"}
    np.testing.assert_array_equal(arrays["a"], [0, 1, 2])
    assert arrays["b"].dtype == np.float32


def one_array():
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def more_numbers_than_it_has():
    header = io.BytesIO()
    shape = {"descr": "<f4", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(header, shape)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", header.getvalue() + bytes(8))
    return buffer.getvalue()


def with_header(offset, value):
    """The good file with a byte of the first entry in the zip's directory changed."""
    data = bytearray(GOOD)
    data[data.index(b"PK\x01\x02") + offset] = value
    return bytes(data)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("the pickle was run",)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="PNG"),
        pytest.param(b"a text", id="text"),
        pytest.param(one_array(), id="npy"),
        *(pytest.param(GOOD[: int(len(GOOD) * s)], id=f"cut {s}") for s in (0.01, 0.5, 0.99)),
        pytest.param(with_header(8, 1), id="encrypted"),
        pytest.param(with_header(10, 99), id="unknown compression"),
        pytest.param(with_header(10, 14), id="not that compression"),
        pytest.param(with_header(45, 255), id="wrong offset"),
        pytest.param(packed(a=np.arange(3), hidden=np.array([Bomb()], object)), id="pickle"),
        pytest.param(more_numbers_than_it_has(), id="more numbers than it has"),
    ],
)
def test_file_that_is_not_a_whole_npz_of_plain_arrays_is_refused(data):
    with pytest.raises(
        npz.NpzError, match=r"not a complete \.npz file of plain numbers"
    ) as caught:
        npz.read(data, LIMIT)
    assert caught.value.code == "not_npz"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bytes(LIMIT + 1), "The file is larger than 1 MiB."),
        (
            packed(np.savez_compressed, a=np.zeros(LIMIT, np.uint8)),
            "Unpacked, the file is larger than 1 MiB.",
        ),
    ],
    ids=["packed", "unpacked"],
)
def test_file_above_the_limit_is_refused_with_the_limit(data, sentence):
    with pytest.raises(npz.NpzError) as caught:
        npz.read(data, LIMIT)
    assert str(caught.value) == sentence
