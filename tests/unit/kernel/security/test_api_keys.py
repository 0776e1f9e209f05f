from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.errors import Unauthenticated
from analytics_engine.kernel.security.api_keys import check_shape, checksum, digest, new_key


def test_a_new_key_is_whole_and_like_no_other():
    """Its text holds its prefix, and its checksum is right."""
    keys = [new_key() for _ in range(100)]
    assert len({key.text for key in keys}) == len({key.prefix for key in keys}) == 100
    for key in keys:
        check_shape(key.text)
        assert key.text.startswith(f"ae_{key.prefix}_")
        assert len(key.text) == 61


def test_a_key_does_not_show_in_logs():
    """Its representation is its prefix."""
    key = new_key()
    assert key.text not in repr(key)


@given(place=st.integers(min_value=3, max_value=60), letter=st.sampled_from("0Az~"))
def test_one_wrong_character_is_found(place, letter):
    """A CRC finds every change of one character."""
    text = new_key().text
    changed = text[:place] + letter + text[place + 1 :]
    if changed == text:
        check_shape(changed)
    else:
        with pytest.raises(Unauthenticated):
            check_shape(changed)


def test_a_key_of_another_making_has_no_shape_to_check():
    """The setting API_KEY may hold any text."""
    check_shape("a-key-from-somewhere-else")


def test_what_is_stored_depends_on_the_servers_key():
    """A stolen table is of no use with another server's key."""
    text = new_key().text
    assert digest(text, key=b"1" * 32) != digest(text, key=b"2" * 32)
    assert digest(text, key=b"1" * 32) == digest(text, key=b"1" * 32)


def test_the_checksum_is_six_digits_of_base_62():
    """Known values, so that other programs can check keys too."""
    assert checksum("") == "000000"
    assert checksum("ae_test") == "39CnXw"
