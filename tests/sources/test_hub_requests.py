"""What reading from a Hub asks of it: large files, many files, private ones, and a Hub that is busy or breaks off."""

import random

import pytest
from datasets import ClassLabel, Dataset, Features, List, Value
from sources.hub_processes import read
from sources.loopback_hub import Fault, serve

FEATURES = Features(
    {
        "tokens": List(Value("string")),
        "ner_tags": List(ClassLabel(names=["O", "B-PER"])),
        "padding": Value("binary"),
    }
)


def write_table(path, word, padding=b""):
    """Write a sentence; the padding makes a long file, also when it is packed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {"tokens": [[word, "left"]], "ner_tags": [[1, 0]], "padding": [padding]}
    Dataset.from_dict(rows, features=FEATURES).to_parquet(path)


# Each call reads a repository of its own, most of them in one process.
BUSY = {
    "seconds": (429, {"Retry-After": "7"}, [7.0, 7.0]),
    "window": (
        429,
        {"RateLimit": '"api";r=0;t=9', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'},
        [9.0, 9.0],
    ),
    "date": (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, [0.0, 0.0]),
    "nothing": (429, {}, [1.0, 2.0]),
    "500": (500, {}, [1.0, 2.0]),
    "502": (502, {}, [1.0, 2.0]),
    "503": (503, {"Retry-After": "3"}, [3.0, 3.0]),
    "504": (504, {}, [1.0, 2.0]),
}
FOR_GOOD = {"stays": (503, {}), "long": (429, {"Retry-After": "300"}), "slow": (429, {"Retry-After": "25"})}
GATED_FILES = ["org/gated", {"data_files": {"train": "train.parquet", "test": "test.parquet"}}]
CALLS = {
    **{
        name: [f"org/{name}", {}] for name in ("plain", "long_file", "pages", "private", "gated", "file_busy")
    },
    "gated files": GATED_FILES,
    "files busy": ["org/files_busy", GATED_FILES[1]],
    **{f"busy {name}": [f"org/busy_{name}", {}] for name in [*BUSY, *FOR_GOOD]},
}
WITH_TOKEN = {name: CALLS[name] for name in ("private", "gated", "gated files")}


pytestmark = pytest.mark.slow  # a process that imports datasets


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """All calls made once, by processes without a token and with three different ones."""
    root = tmp_path_factory.mktemp("hub")
    for name in {dataset for dataset, _ in CALLS.values()} - {"org/pages", "org/long_file"}:
        for split in ("train", "test"):
            write_table(root / f"{name}/main/{split}.parquet", split)
    write_table(
        root / "org/long_file/main/train.parquet", "train", padding=random.Random(0).randbytes(12 << 20)
    )
    for number in range(7):
        write_table(root / f"org/pages/main/data/train-{number:05}-of-00007.parquet", f"n{number}")
    for name in ("private", "gated"):
        (root / f"org/{name}/.{name}").write_text("hf_mine")
    (root / ".tokens").write_text("hf_other")
    with serve(root) as (server, address):
        server.page_size = 3
        server.faults = [
            Fault("GET .*/long_file/.*train.parquet", times=1, cut_after=11 << 20),
            *(
                Fault(f"GET /api/datasets/org/busy_{name}($|/)", times=2, status=status, headers=headers)
                for name, (status, headers, _) in BUSY.items()
            ),
            *(
                Fault(f"GET /api/datasets/org/busy_{name}($|/)", times=100, status=status, headers=headers)
                for name, (status, headers) in FOR_GOOD.items()
            ),
            Fault("/org/files?_busy/resolve/.*/train.parquet", times=1, status=503),
            Fault("/org/files_busy/resolve/.*/train.parquet", times=1, status=503),
        ]
        anonymous, _ = read(tmp_path_factory.mktemp("anonymous"), address, CALLS)
        requests, server.tokens, server.cdn_tokens = list(server.requests), [], []
        found = {"": anonymous, "requests": requests, "cdn": list(server.cdn_requests)}
        for token in ("hf_mine", "hf_other", "hf_mistyped"):
            found[token], _ = read(tmp_path_factory.mktemp(token), address, WITH_TOKEN, HF_TOKEN=token)
            if token == "hf_mine":
                found["tokens"], found["cdn tokens"] = list(server.tokens), list(server.cdn_tokens)
    return found


def words(outcome):
    assert "error" not in outcome, outcome
    return {role: [tokens[0] for tokens, _, _ in found] for role, found in outcome["examples"].items()}


def message(outcome):
    assert outcome.get("error") == "DataError", outcome
    return outcome["message"]


BOTH = {"train": ["train"], "test": ["test"]}


# --- large files, and many ---


def test_large_files_come_from_another_host_by_signed_addresses(hub):
    assert words(hub[""]["plain"]) == BOTH
    paths = {request.split("?")[0] for request in hub["cdn"] if "/org/plain/" in request}
    assert paths == {"GET /org/plain/main/train.parquet", "GET /org/plain/main/test.parquet"}


def test_the_token_is_sent_to_the_hub_and_never_to_the_other_host(hub):
    assert words(hub["hf_mine"]["private"]) == BOTH
    assert set(hub["tokens"]) == {"hf_mine"}
    assert hub["cdn tokens"]
    assert set(hub["cdn tokens"]) == {None}


def test_a_download_that_breaks_off_goes_on_where_it_broke_off(hub):
    assert words(hub[""]["long_file"]) == {"train": ["train"]}
    gets = [request for request in hub["cdn"] if "/org/long_file/" in request]
    # the library keeps whole blocks of 10 MB
    assert [request.partition(" bytes=")[2] for request in gets] == ["", f"{10 * 1024 * 1024}-"]


def test_a_listing_of_several_pages_is_read_to_its_end(hub):
    assert words(hub[""]["pages"]) == {"train": [f"n{number}" for number in range(7)]}
    assert [request for request in hub["requests"] if "/org/pages/" in request and "cursor=6" in request]


# --- private and gated datasets ---


def test_a_private_dataset_without_a_token_looks_like_a_missing_one(hub):
    assert message(hub[""]["private"]) == (
        "dataset 'org/private' is neither a local file or folder nor a dataset on the Hub that you may read. Check the "
        "spelling; for a private one, log in with `hf auth login` (or set HF_TOKEN)"
    )


def test_a_token_without_the_right_to_a_private_dataset_is_told_of(hub):
    assert message(hub["hf_other"]["private"]).endswith(
        "for a private one, use a token that may read it: that of HF_TOKEN may not"
    )


@pytest.mark.parametrize("call", ["gated", "gated files"])
def test_a_gated_dataset_is_read_with_a_token_that_may(hub, call):
    text = message(hub[""][call])
    assert text.startswith("dataset 'org/gated' is gated: accept its terms at http://127.0.0.1:")
    assert text.endswith("/datasets/org/gated, then log in with `hf auth login` (or set HF_TOKEN)")
    text = message(hub["hf_other"][call])
    assert text.endswith("org/gated, then use a token that may read it: that of HF_TOKEN may not")
    assert words(hub["hf_mine"][call]) == BOTH


def test_a_token_that_is_none_is_told_of(hub):
    text = message(hub["hf_mistyped"]["private"])
    assert text.startswith(
        "dataset 'org/private' cannot be read: the Hub does not accept the token of HF_TOKEN."
    )
    assert text.endswith("/settings/tokens, or go without")


# --- a Hub that is busy ---


@pytest.mark.parametrize("name", BUSY)
def test_a_busy_hub_is_asked_again_as_late_as_it_says(hub, name):
    status, _, pauses = BUSY[name]
    found = hub[""][f"busy {name}"]
    assert words(found) == BOTH
    assert found["pauses"] == pauses
    assert found["log"] == [
        f"org/busy_{name}: the Hub answers {status}; retrying in {pause:g} s" for pause in pauses
    ]


def test_a_hub_that_stays_busy_is_given_up(hub):
    found = hub[""]["busy stays"]
    assert message(found) == (
        "dataset 'org/busy_stays' cannot be read now: asked 4 times, the Hub answers 503 (server error) and asks to "
        "wait 8 s more. Try again later"
    )
    assert found["pauses"] == [1.0, 2.0, 4.0]
    assert len([request for request in hub["requests"] if "busy_stays" in request]) == 4


def test_a_hub_that_wants_more_than_a_minute_is_given_up_at_once(hub):
    found = hub[""]["busy long"]
    assert message(found) == (
        "dataset 'org/busy_long' cannot be read now: asked once, the Hub answers 429 (too many requests) and asks to "
        "wait 300 s more. Try again later; logged-in users (`hf auth login`) may send more requests"
    )
    assert found["pauses"] == []


def test_pauses_add_up_to_a_minute_at_most(hub):
    found = hub[""]["busy slow"]
    assert "asked 3 times" in message(found)
    assert found["pauses"] == [25.0, 25.0]


@pytest.mark.parametrize("call", ["file_busy", "files busy"])
def test_files_are_asked_for_again_too(hub, call):
    assert words(hub[""][call]) == BOTH
