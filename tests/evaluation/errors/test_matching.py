from collections import Counter
from itertools import combinations

from span_cases import comparison_of, random_sentences, reversed_sentences

from tagger.evaluation.errors.matching import matched_pairs, overlapping_pairs


def pairs_of(*sentences):
    comparison = comparison_of(*sentences)
    return [list(map(int, pair)) for pair in zip(*matched_pairs(comparison), strict=True)]


def overlaps(gold, predicted):
    return [
        (i, j)
        for i, left in enumerate(gold)
        for j, right in enumerate(predicted)
        if left[0] < right[1] and right[0] < left[1]
    ]


def worth(gold, predicted, pairs):
    """What makes one matching better than another, as a tuple: the larger the better."""
    types = Counter((gold[i][2], predicted[j][2]) for i, j in pairs)
    common = sum(min(gold[i][1], predicted[j][1]) - max(gold[i][0], predicted[j][0]) for i, j in pairs)
    same = sum(count for (left, right), count in types.items() if left == right)
    letters = sorted({span[2] for span in (*gold, *predicted)})
    return same, len(pairs), common, [types[left, right] for left in letters for right in letters]


def best_worth(gold, predicted):
    """The worth of the best of all matchings, each of which is tried."""
    edges = overlaps(gold, predicted)
    matchings = (
        chosen
        for size in range(len(edges) + 1)
        for chosen in combinations(edges, size)
        if len({i for i, _ in chosen}) == size == len({j for _, j in chosen})
    )
    return max(worth(gold, predicted, matching) for matching in matchings)


def test_all_pairs_that_overlap_are_found():
    for size, gold, predicted in random_sentences(300):
        comparison = comparison_of((size, gold, predicted))
        found = overlapping_pairs(comparison.gold.spans, comparison.predicted.spans)
        assert list(zip(*map(list, found), strict=True)) == overlaps(gold, predicted)


def test_the_matching_is_the_best_of_all():
    several = 0
    for size, gold, predicted in random_sentences(600, types="ABC", length=9):
        pairs = pairs_of((size, gold, predicted))
        assert worth(gold, predicted, pairs) == best_worth(gold, predicted)
        several += len(overlaps(gold, predicted)) > len(pairs)
    assert several > 200


def test_sentences_are_matched_each_by_itself():
    sentences = random_sentences(50)
    together = pairs_of(*sentences)
    apart, golds, others = [], 0, 0
    for sentence in sentences:
        apart += [[golds + left, others + right] for left, right in pairs_of(sentence)]
        golds, others = golds + len(sentence[1]), others + len(sentence[2])
    assert together == apart


def test_the_same_type_goes_before_more_pairs_and_those_before_more_common_tokens():
    # Two pairs of different types, or one of the same type in their midst
    assert pairs_of((6, [(0, 2, "A"), (2, 4, "B")], [(1, 3, "B"), (3, 6, "A")])) == [[1, 0]]
    assert pairs_of((6, [(0, 2, "A"), (2, 4, "B")], [(1, 3, "C"), (3, 6, "D")])) == [[0, 0], [1, 1]]
    assert pairs_of((6, [(0, 6, "A")], [(0, 2, "A"), (3, 6, "A")])) == [[0, 1]]


def test_a_span_of_the_same_range_is_the_partner_whatever_its_type():
    assert pairs_of((4, [(0, 2, "A"), (2, 4, "A")], [(0, 2, "B"), (2, 4, "A")])) == [[0, 0], [1, 1]]


def test_types_decide_between_matchings_that_are_as_good_and_not_the_direction():
    sentence = (4, [(0, 2, "B"), (2, 4, "A")], [(0, 4, "C")])
    assert pairs_of(sentence) == [[1, 0]]
    assert pairs_of(*reversed_sentences([sentence])) == [[0, 0]]


def test_nothing_to_match():
    assert pairs_of() == pairs_of((0, [], [])) == pairs_of((3, [(0, 1, "A")], [])) == []
