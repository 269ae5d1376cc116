import pytest

from tagger import errors


def test_every_error_is_a_tagger_error():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) == 8
    assert all(issubclass(kind, errors.TaggerError) for kind in kinds)


def test_bad_data_and_bad_options_are_value_errors_too():
    for kind in (errors.DataError, errors.FormatError, errors.LabelError, errors.UsageError):
        assert issubclass(kind, ValueError)
    assert issubclass(errors.FormatError, errors.DataError)
    assert issubclass(errors.LabelError, errors.DataError)
    assert issubclass(errors.MissingExtraError, ImportError)
    assert not issubclass(errors.ModelError, ValueError)


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("torch", "torch"),
        ("pytorch_lightning", "train"),
        ("datasets", "train"),
        ("tensorboard", "tensorboard"),
        ("other", "other"),
    ],
)
def test_missing_extra_says_what_installs_it(module, extra):
    assert str(errors.MissingExtraError(module, "Training")) == (
        f"Training needs the package {module!r}. "
        f"Install it with: pip install 'FOLDER[{extra}]', FOLDER being the clone of tagger"
    )
