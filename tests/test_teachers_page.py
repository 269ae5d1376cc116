"""docs/teachers.md: every command is run, in order, on the bundled corpus."""

import pytest
from documentation_pages import folder_with_recipes, read_page, run_and_look

from tagger import Tagger

PAGE = read_page("teachers.md")

# What a block must say, on standard output or standard error.
SAID = {
    "tagger average": ("an average of 2", "First: runs/average; second: runs/a/model"),
    "--teacher.text runs/notes.txt": ("without labels: 2 sentences",),
    "runs/soft.jsonl": ("with soft labels: 2 sentences", "with some labels unknown: 1 sentence"),
    "recipes/distil.py": ("students - controls",),
}


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(tmp_path):
    folder = folder_with_recipes(tmp_path)
    run_and_look(PAGE, folder, SAID)
    runs = folder / "runs"
    assert len(Tagger.load(runs / "average").parts.members) == 2
    assert len(Tagger.load(runs / "student" / "model").parts.members) == 1
    assert Tagger.load(runs / "more" / "model").in_vocabulary("Warsaw")
