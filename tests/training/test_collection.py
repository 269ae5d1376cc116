import gc

import pytest

from tagger.training.collection import no_collection


@pytest.mark.parametrize("is_on", [True, False], ids=["on", "off"])
@pytest.mark.parametrize("fails", [True, False], ids=["an error", "no error"])
def test_the_collector_is_off_and_afterwards_as_it_was(is_on, fails):
    @no_collection()
    def read():
        assert not gc.isenabled()
        if fails:
            raise ValueError("no data")

    was_on = gc.isenabled()
    try:
        (gc.enable if is_on else gc.disable)()
        if fails:
            with pytest.raises(ValueError, match="no data"):
                read()
        else:
            read()
        assert gc.isenabled() == is_on
    finally:
        (gc.enable if was_on else gc.disable)()
