from collections.abc import Iterator, Mapping

import pytest

from tagger.errors import UsageError
from tagger.text import RuleSegmenter, WhitespaceSegmenter, get_segmenter, register_segmenter, registry


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))


class Letters:
    name = "letters"
    version = "3"

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def options(self) -> Mapping[str, str]:
        return self._options

    def __call__(self, text: str) -> Iterator[list[tuple[int, int]]]:
        yield [(i, i + 1) for i, character in enumerate(text) if not character.isspace()]


def test_finds_segmenters_by_name_with_their_options() -> None:
    segmenter = get_segmenter("rules", {"clitics": "split"}, version=RuleSegmenter.version)
    assert isinstance(segmenter, RuleSegmenter)
    assert segmenter.options() == {"hyphens": "split", "clitics": "split", "lines": "join"}
    assert isinstance(get_segmenter("whitespace", {}), WhitespaceSegmenter)
    assert isinstance(get_segmenter(), RuleSegmenter)


def test_what_a_segmenter_says_of_itself_makes_it_again() -> None:
    for segmenter in (RuleSegmenter(hyphens="keep", lines="split"), WhitespaceSegmenter()):
        again = get_segmenter(segmenter.name, segmenter.options(), version=segmenter.version)
        assert type(again) is type(segmenter)
        assert again.options() == segmenter.options()


def test_plug_ins_are_registered_by_name() -> None:
    register_segmenter("letters", Letters)
    register_segmenter("letters", Letters)
    assert get_segmenter("letters", {"a": "b"}).options() == {"a": "b"}


def test_a_name_is_not_taken_twice() -> None:
    with pytest.raises(UsageError) as caught:
        register_segmenter("rules", Letters)
    assert str(caught.value) == "a segmenter named 'rules' is registered already. Choose another name."


@pytest.mark.parametrize(
    ("name", "options", "version", "message"),
    [
        (
            "os.system",
            {},
            None,
            "unknown segmenter 'os.system'; known: rules, whitespace. "
            "Register a plug-in with tagger.text.register_segmenter first.",
        ),
        (
            "rules",
            {"hyphens": "split", "x": "1"},
            None,
            "segmenter 'rules': unknown option x; known: hyphens, clitics, lines",
        ),
        ("whitespace", {"x": "1"}, None, "segmenter 'whitespace': expected no options, found x"),
        (
            "rules",
            {},
            "0",
            f"segmenter 'rules': expected version 0, found version {RuleSegmenter.version}. It may cut text "
            "differently. Use the package that the model was made with, or train it again.",
        ),
    ],
)
def test_says_what_is_unknown(name: str, options: dict[str, str], version: str | None, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        get_segmenter(name, options, version=version)
    assert str(caught.value) == message
