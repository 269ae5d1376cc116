import sys
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def peers(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("peers")


def test_names_what_is_not_installed(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pycrfsuite", "spacy", "flair"):
        monkeypatch.setitem(sys.modules, module, None)
    installed, missing = peers.installed_peers(1)
    assert [peer.name for peer in installed] == ["tagger"]
    assert missing == [
        "python-crfsuite (not installed: extra bench)",
        "spacy (not installed: extra bench)",
        "flair (not installed: extra bench-flair)",
    ]
    assert peers.installed_peers(1, ["spacy"])[1] == missing[1:2]


def test_leaves_out_who_cannot_use_the_gpu(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flair", None)
    installed, missing = peers.installed_peers(1, device="cuda")
    assert [peer.name for peer in installed] == ["tagger"]
    assert missing == [
        "python-crfsuite (left out: computes on the processor only)",
        "spacy (left out: computes on the processor only)",
        "flair (not installed: extra bench-flair)",
    ]


def test_features_of_words_see_a_window_of_two(script: Callable[[str], ModuleType]) -> None:
    first, second = script("crf_features").crf_features(["EU", "talks3"])
    assert first[:6] == ["bias", "w=EU", "l=eu", "shape=XX", "p1=e", "s1=u"]
    assert first[12:] == ["-2:none", "-1:none", "1:l=talks3", "1:shape=xxxxxd", "2:none"]
    assert second[4:12] == ["p1=t", "s1=3", "p2=ta", "s2=s3", "p3=tal", "s3=ks3", "p4=talk", "s4=lks3"]
    assert "-1:shape=XX" in second
