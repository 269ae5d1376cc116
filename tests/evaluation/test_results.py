from tagger.evaluation.results import Column, ResultTable, as_csv_rows

TABLE = ResultTable(
    "types",
    "By type",
    (Column("type", "text"), Column("f1"), Column("gold", "count"), Column("ratio", "number")),
    (("PER", 0.5, 4, 1.25), ("LOC", None, 0, None)),
    ("A note.",),
)


def test_a_table_as_objects():
    assert TABLE.to_dicts() == [
        {"type": "PER", "f1": 0.5, "gold": 4, "ratio": 1.25},
        {"type": "LOC", "f1": None, "gold": 0, "ratio": None},
    ]


def test_a_table_for_people():
    assert TABLE.lines() == [
        "By type",
        "type     f1  gold  ratio",
        "PER   50.00     4   1.25",
        "LOC             0",
        "A note.",
    ]


def test_a_table_as_rows_of_csv_has_a_row_for_each_figure():
    assert as_csv_rows([TABLE]) == [
        ("table", "row", "column", "value"),
        ("types", "PER", "f1", 0.5),
        ("types", "PER", "gold", 4),
        ("types", "PER", "ratio", 1.25),
        ("types", "LOC", "gold", 0),
    ]
